package report

import (
	"fmt"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
)

// batchClaims answer what the batch size does: runs 2 and 3 of the notebook.
func (b *builder) batchClaims() []string {
	if lack := b.lack("What the batch size does", 2, 3); lack != "" {
		return []string{lack}
	}
	small, large := b.of(2), b.of(3)
	return []string{
		accuracyClaim(fmt.Sprintf("Training %s in batches of %d instead of %d", large.Network, large.Batch, small.Batch), small, large, len(b.Labels)),
		epochClaim(small, large, func(g group) string { return "of " + plural(b.steps(g), "step") }),
	}
}

// steps is how many steps an epoch has.
func (b *builder) steps(g group) int { return (b.Settings.Train + g.Batch - 1) / g.Batch }

// epochsClaims answer what more epochs do: runs 3 and 4.
func (b *builder) epochsClaims() []string {
	if lack := b.lack("What more epochs do", 3, 4); lack != "" {
		return []string{lack}
	}
	few, many := b.of(3), b.of(4)
	if few.epochs == many.epochs {
		return []string{fmt.Sprintf("What more epochs do is not to be seen here: configurations 3 and 4 both had %s.", plural(few.epochs, "epoch"))}
	}
	claims := []string{accuracyClaim(fmt.Sprintf("Training %s for %d epochs instead of %d", many.Network, many.epochs, few.epochs), few, many, len(b.Labels))}
	if claim := differentMachines(few, many); claim != "" {
		return append(claims, claim)
	}
	from, to := few.seconds().mean(), many.seconds().mean()
	return append(claims, fmt.Sprintf("The training takes %s instead of %s: %s.", seconds(to), seconds(from), longer(to, from)))
}

// layersClaims answer what the second layer does: runs 1 and 2.
func (b *builder) layersClaims() []string {
	claims := []string{b.sizeClaim()}
	if lack := b.lack("What the second layer does to accuracy and time", 1, 2); lack != "" {
		return append(claims, lack)
	}
	one, two := b.of(1), b.of(2)
	return append(claims,
		accuracyClaim("A second set of convolution and pooling", one, two, len(b.Labels)),
		epochClaim(one, two, func(g group) string { return "of " + g.Network }))
}

// sizeClaim says how large the two networks are, and why. It needs no run.
func (b *builder) sizeClaim() string {
	one, two := b.network(b.of(1)), b.network(b.of(2))
	if b.err != nil {
		return ""
	}
	return fmt.Sprintf("%s has %s parameters, %s has %s: what the second set hands to the first dense layer is %s values, not %s.",
		b.of(2).Network, count(two.NumParams()), b.of(1).Network, count(one.NumParams()), count(denseInputs(two)), count(denseInputs(one)))
}

// network is the network of a group, built for MNIST's images.
func (b *builder) network(g group) *graph.Network {
	net, err := g.Layers().Build(1, mnist.Rows, mnist.Cols)
	if err != nil && b.err == nil {
		b.err = errors.WithMessage(err, g.Network)
	}
	return net
}

// denseInputs is how many values the first dense layer of a network sees.
func denseInputs(net *graph.Network) int {
	for _, l := range net.Layers {
		if l.Kind == graph.KindDense {
			return l.In.Size()
		}
	}
	return 0
}
