package report

import (
	"fmt"
	"math"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
	"tapenet/graph"
	"tapenet/graph/draw/ink"
)

// batchClaims answer what the batch size does: configurations 2 and 3.
func (b *builder) batchClaims() []string {
	if lack := b.lack("What the batch size does", 2, 3); lack != "" {
		return []string{lack}
	}
	small, large := b.of(2), b.of(3)
	steps := func(g result.Group) string { return "of " + plural((b.Settings.Train+g.Batch-1)/g.Batch, "step") }
	return []string{
		b.accuracyClaim(fmt.Sprintf("Training %s in batches of %d instead of %d", large.Network, large.Batch, small.Batch), small, large),
		b.epochClaim(small, large, steps),
	}
}

// epochsClaims answer what more epochs do: configurations 3 and 4.
func (b *builder) epochsClaims() []string {
	if lack := b.lack("What more epochs do", 3, 4); lack != "" {
		return []string{lack}
	}
	few, many := b.of(3), b.of(4)
	if few.Epochs == many.Epochs {
		return []string{fmt.Sprintf("What more epochs do is not to be seen here: configurations 3 and 4 both had %s.", plural(few.Epochs, "epoch"))}
	}
	time := b.notComparable(few, many)
	if time == "" {
		from, to := trainingSeconds(few).Median(), trainingSeconds(many).Median()
		time = fmt.Sprintf("The training takes %s instead of %s: %s.", seconds(to), seconds(from), longer(to, from))
	}
	return []string{
		fmt.Sprintf("Configuration 3 is the first %s of configuration 4, if the seed is the same: one training gives both, and each seed is compared with itself.", plural(few.Epochs, "epoch")),
		b.accuracyClaim(fmt.Sprintf("Training %s for %s instead of %d", many.Network, plural(many.Epochs, "epoch"), few.Epochs), few, many),
		time,
	}
}

// layersClaims answer what the second layer does: configurations 1 and 2. The sizes
// of the networks are told even if runs are missing.
func (b *builder) layersClaims() []string {
	one, two := b.of(1), b.of(2)
	size := fmt.Sprintf("%s has %s parameters, %s has %s: what the second set hands to the first dense layer is %s values, not %s.",
		two.Network, ink.Thousands(b.nets[1].NumParams()), one.Network, ink.Thousands(b.nets[0].NumParams()),
		ink.Thousands(denseInputs(b.nets[1])), ink.Thousands(denseInputs(b.nets[0])))
	if lack := b.lack("What the second layer does to accuracy and time", 1, 2); lack != "" {
		return []string{size, lack}
	}
	return []string{size,
		b.accuracyClaim("A second set of convolution and pooling", one, two),
		b.epochClaim(one, two, func(g result.Group) string { return "of " + g.Network })}
}

// denseInputs returns how many values the first dense layer of a network sees.
func denseInputs(net *graph.Network) int {
	for _, l := range net.Layers {
		if l.Kind == graph.KindDense {
			return l.In.Size()
		}
	}
	return 0
}

// lack says which of the two configurations that a question needs is missing; ""
// if none is.
func (b *builder) lack(question string, j, k int) string {
	var none []string
	for _, i := range []int{j, k} {
		if len(b.of(i).Runs) == 0 {
			none = append(none, fmt.Sprint(i))
		}
	}
	if none == nil {
		return ""
	}
	verb := "is"
	if len(none) > 1 {
		verb = "are"
	}
	return fmt.Sprintf("%s: that needs configurations %d and %d; %s %s missing.", question, j, k, list(none), verb)
}

// accuracyClaim says what a change that leads from one group to another does to
// the accuracy on the test images.
func (b *builder) accuracyClaim(change string, from, to result.Group) string {
	before, after := accuracy(from), accuracy(to)
	d := b.compare(from, to)
	goes := fmt.Sprintf("the accuracy on the test images goes from %s to %s", percent(before), percent(after))
	switch {
	case d.Verdict == stats.Equal:
		return fmt.Sprintf("%s leaves the accuracy on the test images as it is, %s and %s.", change, percent(before), percent(after))
	case !d.Tested:
		return fmt.Sprintf("%s: %s. %s", change, goes, d.oneSeed(before, after, len(b.Labels)))
	case d.Verdict == stats.Noise:
		return fmt.Sprintf("%s: %s. The two cannot be told apart %s.", change, goes, d.tested(from, to))
	}
	verb := "raises"
	if d.Size < 0 {
		verb = "lowers"
	}
	return fmt.Sprintf("%s %s %s the accuracy on the test images by %s: it goes from %s to %s %s.", change, d.Adverb(), verb, points(d.Size), percent(before), percent(after), d.tested(from, to))
}

// smallTime is the part by which times may differ and be called slight.
const smallTime = 0.1

// epochClaim says how long an epoch of to takes, compared with one of from; what
// names an epoch of either. Times can be told apart if the middle halves of the
// epochs do not overlap.
func (b *builder) epochClaim(from, to result.Group, what func(result.Group) string) string {
	if claim := b.notComparable(from, to); claim != "" {
		return claim
	}
	before, after := epochSeconds(from), epochSeconds(to)
	times := fmt.Sprintf("An epoch %s takes %s, one %s %s (medians)", what(to), seconds(after.Median()), what(from), seconds(before.Median()))
	if before.Quantile(.25) <= after.Quantile(.75) && after.Quantile(.25) <= before.Quantile(.75) {
		return times + ". The two cannot be told apart: the middle halves of their times overlap."
	}
	verdict := stats.Clear
	if math.Abs(after.Median()/before.Median()-1) <= smallTime {
		verdict = stats.Slight
	}
	return fmt.Sprintf("%s: %s different, the first is %s.", times, verdict.Adverb(), longer(after.Median(), before.Median()))
}

// notComparable says why the times of some groups don't compare; "" if they do.
func (b *builder) notComparable(groups ...result.Group) string {
	if claim := differentMachines(groups...); claim != "" {
		return claim
	}
	if busy := busy(groups...); busy != "" {
		return "Their times are not compared: " + busy
	}
	return ""
}

// differentMachines says that some groups were trained on several machines; "" if
// they were not.
func differentMachines(groups ...result.Group) string {
	ms := machines(groups...)
	if len(ms) == 1 {
		return ""
	}
	var names []string
	for _, m := range ms {
		names = append(names, fmt.Sprintf("%s with %s and %s kernels", m.Processor, plural(m.Workers, "worker"), m.Kernels))
	}
	return fmt.Sprintf("Their times are not compared, because they come from different machines: %s.", list(names))
}
