// Package grid says which trainings a sweep has: all combinations of the values of
// its parameters, or random ones, each with a number of seeds. The list depends on
// nothing else, and its order never changes.
package grid

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
	"tapenet/models"
)

// Grid is what the trainings of a sweep are made of. Flags sets it.
type Grid struct {
	networks      []string
	batch, epochs axis[int]
	lr            axis[float64]
	ops           graph.Lowering
	seeds         int
	seed          uint64
	sample        int // random configurations; 0: all
	sampleSeed    uint64
}

// maxRuns are more trainings than one folder should have.
const maxRuns = 100_000

// Flags declares the flags of a grid, with their defaults.
func (g *Grid) Flags(fs *flag.FlagSet) {
	*g = Grid{
		networks: models.Names(), batch: axis[int]{values: []int{200}}, epochs: axis[int]{values: []int{10}}, lr: axis[float64]{values: []float64{0.001}},
		ops: graph.DefaultLowering, seeds: 1, seed: 1, sampleSeed: 1,
	}
	fs.Var((*names)(&g.networks), "network", "train the `networks`, with commas between them: "+strings.Join(models.Names(), ", "))
	fs.Var(parameter[int]{&g.batch, "whole numbers, at least 1", readCount}, "batch", "train in steps of `N` images, such as 200,1024")
	fs.Var(parameter[float64]{&g.lr, "finite numbers above 0", readRate}, "lr", "learning `rates` of Adam, such as 0.001,0.003; with -sample, a range such as 0.0001:0.01")
	fs.Var(parameter[int]{&g.epochs, "whole numbers, at least 1", readCount}, "epochs", "go `N` times over the training images, such as 10,25")
	fs.Var(command.Choice(&g.ops, graph.Lowerings()...), "ops", "build the graphs from `ops`: fused (ours, fast) or gorgonia (its own, slow and plain)")
	fs.Var(command.Count(&g.seeds, 1), "seeds", "train each configuration `N` times, with the seeds S, S+1, …")
	fs.Var(command.Seed(&g.seed), "seed", "the first seed `S`, as in onelayer and twolayer")
	fs.Var(command.Count(&g.sample, 0), "sample", "train `N` random configurations, of the values and ranges of the other flags; 0 is all of them (default 0)")
	fs.Var(command.Seed(&g.sampleSeed), "sample-seed", "`number` that fixes what -sample draws; more of the same begin with the same")
}

// names is the flag of networks.
type names []string

func (n *names) String() string { return strings.Join(*n, ",") }

func (n *names) Set(text string) error {
	var all []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if _, ok := models.ByName(name); !ok || slices.Contains(all, name) {
			return errors.Errorf("want different ones of %s, with commas between them", strings.Join(models.Names(), ", "))
		}
		all = append(all, name)
	}
	*n = all
	return nil
}

func readRate(word string) (rate float64, ok bool) {
	err := command.Rate(&rate).Set(word)
	return rate, err == nil
}

// List returns the runs on these images, all configurations with the first seed,
// then with the next: an early end leaves runs of all configurations. The error is
// one of command.Usagef.
func (g *Grid) List(images training.Images) ([]training.Settings, error) {
	if last := uint64(g.seeds - 1); g.seed > math.MaxUint64-last {
		return nil, command.Usagef("-seed %d: with -seeds %d, want at most %d", g.seed, g.seeds, math.MaxUint64-last)
	}
	configs, err := g.configs(images)
	if err != nil {
		return nil, err
	}
	if len(configs) > maxRuns/g.seeds {
		return nil, command.Usagef("got %d configurations with %d seeds, want at most %d trainings", len(configs), g.seeds, maxRuns)
	}
	var runs []training.Settings
	for i := range g.seeds {
		for _, c := range configs {
			c.Seed = g.seed + uint64(i)
			runs = append(runs, c)
		}
	}
	return runs, nil
}

// Part returns part index of a number of parts of runs, in their order; all parts
// together are the runs, and none has two more than another. The runs are dealt out
// as cards are, but each round in another order: were it always the same, a part
// could get the slow configurations of all seeds.
func Part(runs []training.Settings, index, parts int) []training.Settings {
	var mine []training.Settings
	for round := range slices.Chunk(runs, parts) {
		rng := rand.New(rand.NewPCG(uint64(len(mine)), uint64(parts))) // a round gives each part one
		if card := rng.Perm(parts)[index]; card < len(round) {
			mine = append(mine, round[card])
		}
	}
	return mine
}

// configs returns the configurations, without seeds.
func (g *Grid) configs(images training.Images) ([]training.Settings, error) {
	if g.sample > 0 {
		return g.draw(images)
	}
	for flag, isRange := range map[string]bool{"batch": g.batch.isRange(), "lr": g.lr.isRange(), "epochs": g.epochs.isRange()} {
		if isRange {
			return nil, command.Usagef("-%s: a range needs -sample N", flag)
		}
	}
	if n := float64(len(g.networks)) * float64(len(g.batch.values)) * float64(len(g.lr.values)) * float64(len(g.epochs.values)); n > maxRuns {
		return nil, command.Usagef("got %.0f configurations, want at most %d trainings", n, maxRuns)
	}
	var all []training.Settings
	for _, network := range g.networks {
		for _, batch := range g.batch.values {
			for _, lr := range g.lr.values {
				for _, epochs := range g.epochs.values {
					all = append(all, training.Settings{Network: network, Batch: batch, LR: lr, Epochs: epochs, Ops: g.ops, Images: images})
				}
			}
		}
	}
	return all, nil
}

// draw returns the configurations of -sample: different ones, in the order in which
// they are drawn.
func (g *Grid) draw(images training.Images) ([]training.Settings, error) {
	if g.sample > maxRuns {
		return nil, command.Usagef("-sample %d: want at most %d", g.sample, maxRuns)
	}
	rng := rand.New(rand.NewPCG(g.sampleSeed, 0))
	var all []training.Settings
	seen := map[training.Settings]bool{}
	for draws := 0; len(all) < g.sample; draws++ {
		if draws == 1000+100*g.sample {
			return nil, command.Usagef("-sample %d: found only %d different configurations, want no more than there are", g.sample, len(all))
		}
		c := training.Settings{
			Network: g.networks[rng.IntN(len(g.networks))], Batch: g.batch.random(rng), LR: g.lr.random(rng), Epochs: g.epochs.random(rng),
			Ops: g.ops, Images: images,
		}
		if !seen[c] {
			seen[c] = true
			all = append(all, c)
		}
	}
	return all, nil
}
