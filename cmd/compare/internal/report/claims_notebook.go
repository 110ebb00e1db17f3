package report

import (
	"fmt"
	"math"
)

// What the notebook printed of its time.
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
		claims = append(claims, notebookClaim(g, len(b.Labels)))
	}
	return append(claims, b.notebookTime())
}

// notebookClaim compares the accuracies of one configuration with the one that
// the notebook printed.
func notebookClaim(g group, images int) string {
	ours, reference := g.accuracy(), 100*g.Reference
	d := ours.mean() - reference
	claim := fmt.Sprintf("Configuration %d: %s here, %.2f %% in the notebook", g.K, ours.percent(), reference)
	if math.Abs(d) < 1e-9 {
		return claim + ", the same."
	}
	if len(ours) < 2 {
		return claim + ". " + oneSeed(d, sample{reference}, ours, images)
	}
	low, high := max(0, ours.mean()-ours.next()), min(100, ours.mean()+ours.next())
	between := fmt.Sprintf("%.2f %% and %.2f %%, where a further seed would fall here in 95 of 100 cases", low, high)
	switch {
	case reference < low:
		return fmt.Sprintf("%s: clearly more. The notebook's is not between %s.", claim, between)
	case reference > high:
		return fmt.Sprintf("%s: clearly less. The notebook's is not between %s.", claim, between)
	}
	return fmt.Sprintf("%s: no clear difference. The notebook's is between %s.", claim, between)
}

// notebookTime compares the time of all four trainings.
func (b *builder) notebookTime() string {
	present := b.present()
	claim := fmt.Sprintf("An epoch took the notebook %s, all four trainings about %d minutes, on its own machine", notebookEpoch, notebookMinutes)
	switch {
	case len(present) < len(b.groups):
		return claim + "; with a configuration missing, there is no total to compare."
	case len(machines(present...)) > 1:
		return claim + "; with times from different machines, there is no total to compare."
	}
	total := 0.0
	least, most := math.Inf(1), 0.0
	for _, g := range present {
		total += g.seconds().mean()
		least, most = min(least, g.epochSeconds().median()), max(most, g.epochSeconds().median())
	}
	return fmt.Sprintf("%s. Here an epoch takes %s to %s (medians) and one seed of all four %s: the notebook took %.1f times as long.",
		claim, seconds(least), seconds(most), seconds(total), 60*notebookMinutes/total)
}
