package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tapenet/cmd/compare/internal/result"
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
	d := fromValue(reference, ours, imageNoise(reference, ours.mean(), len(b.Labels)))
	claim := fmt.Sprintf("Configuration %d: %s here, %.2f %% in the notebook", g.K, ours.percent(), reference)
	switch d.verdict {
	case equal:
		return claim + ", the same."
	case unknown:
		return claim + ". " + d.oneSeed(sample{reference}, ours, len(b.Labels))
	}
	low, high := max(0, ours.mean()-ours.reach()), min(100, ours.mean()+ours.reach())
	interval := fmt.Sprintf("the 95 %% prediction interval of one more seed here, %.2f to %.2f %%", low, high)
	switch {
	case d.verdict == noise:
		return fmt.Sprintf("%s. The two cannot be told apart: the notebook's lies within %s.", claim, interval)
	case d.size > 0:
		return fmt.Sprintf("%s: %s more. The notebook's lies below %s.", claim, d.adverb(), interval)
	}
	return fmt.Sprintf("%s: %s less. The notebook's lies above %s.", claim, d.adverb(), interval)
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
	var total, epochs sample // one value a configuration
	for _, g := range b.groups {
		total, epochs = append(total, trainingSeconds(g).median()), append(epochs, epochSeconds(g).median())
	}
	sum := floats.Sum(total)
	return fmt.Sprintf("%s. Here an epoch takes %s to %s (medians) and all four trainings, each by itself, %s: the notebook took %.1f times as long.",
		claim, seconds(slices.Min(epochs)), seconds(slices.Max(epochs)), seconds(sum), 60*notebookMinutes/sum)
}
