package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
)

// The times that the notebook printed.
const (
	notebookEpoch   = "24 to 44 s"
	notebookMinutes = 32 // of all four trainings, about
)

// notebookClaims compare with the notebook's own numbers.
func (b *builder) notebookClaims() []string {
	if !b.Settings.Notebook() {
		return []string{"They don't: the notebook's numbers are of all training images of MNIST and of all epochs."}
	}
	var claims []string
	for _, g := range b.present() {
		claims = append(claims, b.notebookClaim(g))
	}
	return append(claims, b.notebookTime())
}

// notebookClaim compares the accuracies of one configuration with the one that
// the notebook printed.
func (b *builder) notebookClaim(g result.Group) string {
	ours, reference := accuracy(g), 100*g.Reference
	d := difference{Difference: stats.FromValue(reference, ours, stats.ImageNoise(reference, ours.Mean(), len(b.Labels)))}
	claim := fmt.Sprintf("Configuration %d: %s here, %.2f %% in the notebook", g.K, percent(ours), reference)
	switch {
	case d.Verdict == stats.Equal:
		return claim + ", the same."
	case !d.Tested:
		return claim + ". " + d.oneSeed(stats.Sample{reference}, ours, len(b.Labels))
	}
	low, high := max(0, ours.Mean()-ours.Reach()), min(100, ours.Mean()+ours.Reach())
	interval := fmt.Sprintf("the 95 %% prediction interval of one more seed here, %.2f to %.2f %%", low, high)
	switch {
	case d.Verdict == stats.Noise:
		return fmt.Sprintf("%s. The two cannot be told apart: the notebook's lies within %s.", claim, interval)
	case d.Size > 0:
		return fmt.Sprintf("%s: %s more. The notebook's lies below %s.", claim, d.Adverb(), interval)
	}
	return fmt.Sprintf("%s: %s less. The notebook's lies above %s.", claim, d.Adverb(), interval)
}

// notebookTime compares the time of all four trainings.
func (b *builder) notebookTime() string {
	claim := fmt.Sprintf("An epoch took the notebook %s, all four trainings about %d minutes, on its own machine", notebookEpoch, notebookMinutes)
	switch {
	case len(b.present()) < len(b.groups):
		return claim + "; with a configuration missing, there is no total to compare."
	case len(machines(b.groups...)) > 1:
		return claim + "; with times from different machines, there is no total to compare."
	}
	if busy := busy(b.groups...); busy != "" {
		return claim + ". The times here are not compared with that: " + busy
	}
	var total, epochs stats.Sample // one value a configuration
	for _, g := range b.groups {
		total, epochs = append(total, trainingSeconds(g).Median()), append(epochs, epochSeconds(g).Median())
	}
	sum := floats.Sum(total)
	return fmt.Sprintf("%s. Here an epoch takes %s to %s (medians) and all four trainings, each by itself, %s: the notebook took %.1f times as long.",
		claim, seconds(slices.Min(epochs)), seconds(slices.Max(epochs)), seconds(sum), 60*notebookMinutes/sum)
}
