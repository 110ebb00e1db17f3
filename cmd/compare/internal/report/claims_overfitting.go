package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
	"tapenet/cmd/internal/table"
)

func valAccuracy(e result.Epoch) float64   { return 100 * e.Val.Accuracy }
func trainAccuracy(e result.Epoch) float64 { return 100 * e.Train.Accuracy }
func valLoss(e result.Epoch) float64       { return e.Val.Loss }
func trainLoss(e result.Epoch) float64     { return e.Train.Loss }

// leastLoss is the least loss that is shown as more than 0.0000. A rise from
// less is not told in per cent, which could be infinite.
const leastLoss = 0.00005

// overfitting says of each configuration where the mean of its seeds was best,
// and whether it learned too long.
func (b *builder) overfitting() Section {
	s := Section{ID: "overfitting", Title: "When have they learned enough?", Notes: []string{
		"The training images are counted while the weights change, so their numbers lag half an epoch behind.",
		"The test of a rise compares the last epoch of each seed with the one where the other seeds have their lowest loss: a seed's own lowest would be picked for being low by chance. A rise of at most 10 % is called slight.",
	}}
	t := table.Table{Columns: slices.Concat(table.Numbers("#"), table.Texts("network"),
		table.Numbers("training accuracy at the end", "test accuracy at the end", "gap", "best test accuracy", "in epoch", "lowest test loss", "lowest in epoch", "test loss at the end"))}
	percent := func(v float64) string { return fmt.Sprintf("%.2f %%", v) }
	for _, g := range b.present() {
		train, val, loss := curve(g, trainAccuracy), curve(g, valAccuracy), curve(g, valLoss)
		best, least, last := floats.MaxIdx(val), floats.MinIdx(loss), g.Epochs-1
		t.Add(g.K, g.Network, percent(train[last]), percent(val[last]), signed(train[last]-val[last]),
			percent(val[best]), best+1, fmt.Sprintf("%.4f", loss[least]), least+1, fmt.Sprintf("%.4f", loss[last]))
		s.Claims = append(s.Claims, overfittingClaim(g))
	}
	s.Tables = []Table{{"What each configuration learned", t}}
	return s
}

// overfittingClaim says whether the configuration overfits: its loss on the test
// images clearly rises again, while that on the training images falls.
func overfittingClaim(g result.Group) string {
	loss := curve(g, valLoss)
	last, least := g.Epochs-1, floats.MinIdx(loss)
	claim := fmt.Sprintf("Configuration %d ends with %.2f %% of the training and %.2f %% of the test images right; its test loss is lowest in",
		g.K, curve(g, trainAccuracy)[last], curve(g, valAccuracy)[last])
	if least == last {
		return fmt.Sprintf("%s the last epoch, %d, so more may still help.", claim, g.Epochs)
	}
	more := "more"
	if loss[least] >= leastLoss {
		more = fmt.Sprintf("%.0f %% more", 100*(loss[last]/loss[least]-1))
	}
	claim = fmt.Sprintf("%s epoch %d of %d, %.4f, and %s at the end, %.4f", claim, least+1, g.Epochs, loss[least], more, loss[last])
	d, seeds := rise(g), plural(len(g.Runs), "seed")
	tested := fmt.Sprintf("(%s, %s)", stats.FormatP(d.P), seeds)
	training := curve(g, trainLoss)
	switch {
	case !d.Tested:
		return claim + ". Whether that is overfitting or noise, one seed cannot tell."
	case d.Verdict == stats.Equal || d.Size < 0:
		return fmt.Sprintf("%s. It cannot be told apart from noise: in the epoch where the other seeds have their lowest, a seed's loss is on average no lower than at the end (%s).", claim, seeds)
	case d.Verdict == stats.Noise:
		return fmt.Sprintf("%s. It cannot be told apart from noise %s.", claim, tested)
	case training[last] >= training[least]:
		return fmt.Sprintf("%s. It %s rose %s, but so did the training loss: no overfitting.", claim, d.Adverb(), tested)
	}
	return fmt.Sprintf("%s, while the training loss fell on: it %s overfits %s.", claim, d.Adverb(), tested)
}

// smallRise is the part of the lowest loss that a slight rise has at most.
const smallRise = 0.1

// rise returns how much higher the test loss is at the end than in the epoch where
// the other runs have their least: a run's own least would be picked for being
// low by chance.
func rise(g result.Group) stats.Difference {
	if len(g.Runs) < 2 {
		return stats.Difference{Verdict: stats.Unknown, P: 1}
	}
	var rises stats.Sample
	for i, r := range g.Runs {
		others := result.Group{Config: g.Config, Runs: slices.Concat(g.Runs[:i], g.Runs[i+1:])}
		least := floats.MinIdx(curve(others, valLoss))
		rises = append(rises, r.Epochs[g.Epochs-1].Val.Loss-r.Epochs[least].Val.Loss)
	}
	return stats.FromZero(rises, smallRise*slices.Min(curve(g, valLoss)))
}
