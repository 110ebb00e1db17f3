package report

import (
	"fmt"
	"slices"

	"tapenet/cmd/compare/internal/result"
)

func valAccuracy(e result.Epoch) float64   { return 100 * e.Val.Accuracy }
func trainAccuracy(e result.Epoch) float64 { return 100 * e.Train.Accuracy }
func valLoss(e result.Epoch) float64       { return e.Val.Loss }

// leastLoss is the least loss that is shown as more than 0.0000. A rise from
// less is not told in per cent, which could be infinite.
const leastLoss = 0.00005

// bestEpochs is, for each configuration, where the mean of its seeds was best.
func (b *builder) bestEpochs() Table {
	t := Table{Columns: slices.Concat(numbers("#"), text("network"),
		numbers("training accuracy at the end", "test accuracy at the end", "gap", "best test accuracy", "in epoch", "least test loss", "in epoch", "test loss at the end"))}
	for _, g := range b.present() {
		train, val, loss := g.curve(trainAccuracy), g.curve(valAccuracy), g.curve(valLoss)
		best, least, last := first(slices.Max(val), val), first(slices.Min(loss), loss), g.epochs-1
		t.add(g.K, g.Network, fmt.Sprintf("%.2f %%", train[last]), fmt.Sprintf("%.2f %%", val[last]), signed(train[last]-val[last]),
			fmt.Sprintf("%.2f %%", val[best]), best+1, fmt.Sprintf("%.4f", loss[least]), least+1, fmt.Sprintf("%.4f", loss[last]))
	}
	return t
}

// overfittingClaims say of each configuration whether it learned too long.
func (b *builder) overfittingClaims() []string {
	var claims []string
	for _, g := range b.present() {
		claims = append(claims, overfittingClaim(g))
	}
	return claims
}

// overfittingClaim calls it overfitting if the loss on the test images clearly
// rose again while that on the training images fell.
func overfittingClaim(g group) string {
	train, val, loss := g.curve(trainAccuracy), g.curve(valAccuracy), g.curve(valLoss)
	last, least := g.epochs-1, first(slices.Min(loss), loss)
	claim := fmt.Sprintf("Configuration %d ends with %.2f %% of the training and %.2f %% of the test images right; its test loss is least in", g.K, train[last], val[last])
	if least == last {
		return fmt.Sprintf("%s the last epoch, %d, so more may still help.", claim, g.epochs)
	}
	rise := "more"
	if loss[least] >= leastLoss {
		rise = fmt.Sprintf("%.0f %% more", 100*(loss[last]/loss[least]-1))
	}
	claim = fmt.Sprintf("%s epoch %d of %d, %.4f, and %s at the end, %.4f", claim, least+1, g.epochs, loss[least], rise, loss[last])
	if len(g.runs) < 2 {
		return claim + ". Whether that is overfitting or noise, one seed cannot tell."
	}
	rises := g.rises()
	if rises.mean() <= 0 {
		return fmt.Sprintf("%s. That is noise: in the epoch where the other seeds have their least, a seed's loss is on average no lower than at the end (%s).",
			claim, plural(len(g.runs), "seed"))
	}
	p := zero(rises)
	seeds := fmt.Sprintf("(%s, %s)", pValue(p), plural(len(g.runs), "seed"))
	trainLoss := g.curve(func(e result.Epoch) float64 { return e.Train.Loss })
	switch {
	case p >= significance:
		return fmt.Sprintf("%s. That is within the noise %s.", claim, seeds)
	case trainLoss[last] >= trainLoss[least]:
		return fmt.Sprintf("%s. That is clear %s, but the training loss rose too: no overfitting.", claim, seeds)
	}
	return fmt.Sprintf("%s, while the training loss fell on: clear overfitting %s.", claim, seeds)
}

// rises is how much higher the test loss of each run is at the end than in the
// epoch where the other runs have their least: its own least would be picked
// for being low by chance.
func (g group) rises() sample {
	var rises sample
	for i, r := range g.runs {
		others := group{epochs: g.epochs, runs: slices.Concat(g.runs[:i], g.runs[i+1:])}
		loss := others.curve(valLoss)
		least := first(slices.Min(loss), loss)
		rises = append(rises, r.Epochs[g.epochs-1].Val.Loss-r.Epochs[least].Val.Loss)
	}
	return rises
}

// first is the index of the first v in values.
func first(v float64, values []float64) int { return slices.Index(values, v) }
