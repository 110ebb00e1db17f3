package report

import (
	"fmt"
	"testing"

	"tapenet/cmd/compare/internal/result"
)

// Expected sentences in this file are written by hand; the numbers in them are
// computed by hand, as the comments say.

const images = 10000

var (
	here  = result.Machine{Processor: "Fast 9000", Kernels: "avx512", Workers: 2}
	there = result.Machine{Processor: "Slow 1", Kernels: "generic", Workers: 1}
)

// notebook is a comparison with the notebook's settings: for each configuration
// the accuracies of its seeds, in per cent.
func notebook(t *testing.T, accuracies map[int][]float64) *builder {
	t.Helper()
	c := Comparison{
		Settings: result.Settings{Data: result.MNIST, Train: 60000, Test: images},
		Images:   make([]uint8, images*784), Labels: make([]uint8, images),
	}
	for i := range c.Labels {
		c.Labels[i] = uint8(i % 10) // 1,000 of each digit
	}
	for _, config := range result.Configs {
		for i, a := range accuracies[config.K] {
			r := result.Run{Config: config.K, Seed: uint64(i + 1), Machine: here, Test: result.Metrics{Accuracy: a / 100, Loss: 0.05}}
			for range config.Epochs {
				r.Epochs = append(r.Epochs, result.Epoch{Seconds: 0.5})
			}
			c.Runs = append(c.Runs, r)
		}
	}
	b, err := newBuilder(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func expect(t *testing.T, name, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
	}
}

// Of two values m±0.05 the standard deviation is 0.05·√2 = 0.07. Two such pairs
// whose means are d apart have t = d/√(2·0.005/2) and 2 degrees of freedom,
// for which p = 1 - t/√(t²+2):
//
//	d = 0.40: t = 5.657, p = 0.030
//	d = 0.30: t = 4.243, p = 0.051
//
// Two standard errors of two accuracies a and b on 10,000 images are
// 2·√((a·(100-a) + b·(100-b)) / 10,000):
//
//	98.75 and 98.40: 2·√(0.012344 + 0.015744) = 0.335
//	98.75 and 98.50: 2·√(0.012344 + 0.014775) = 0.329
func TestAccuracyClaim(t *testing.T) {
	for _, test := range []struct {
		name       string
		two, three []float64
		want       string
	}{
		{"clearly less", []float64{98.70, 98.80}, []float64{98.30, 98.40},
			"Training TwoLayer in batches of 1024 instead of 200 clearly lowers the accuracy on the test images by 0.40 points: it goes from 98.75 ± 0.07 % to 98.35 ± 0.07 % (p = 0.03, 2 seeds each)."},
		{"clearly more", []float64{98.30, 98.40}, []float64{98.70, 98.80},
			"Training TwoLayer in batches of 1024 instead of 200 clearly raises the accuracy on the test images by 0.40 points: it goes from 98.35 ± 0.07 % to 98.75 ± 0.07 % (p = 0.03, 2 seeds each)."},
		{"within the noise", []float64{98.70, 98.80}, []float64{98.40, 98.50},
			"Training TwoLayer in batches of 1024 instead of 200: the accuracy on the test images goes from 98.75 ± 0.07 % to 98.45 ± 0.07 %. The two cannot be told apart (p = 0.051, 2 seeds each)."},
		{"equal", []float64{98.70, 98.80}, []float64{98.80, 98.70},
			"Training TwoLayer in batches of 1024 instead of 200 leaves the accuracy on the test images as it is, 98.75 ± 0.07 % and 98.75 ± 0.07 %."},
		{"no spread at all", []float64{98.70, 98.70, 98.70}, []float64{98.60, 98.60},
			"Training TwoLayer in batches of 1024 instead of 200 slightly lowers the accuracy on the test images by 0.10 points: it goes from 98.70 ± 0.00 % to 98.60 ± 0.00 % (p < 0.001, 3 and 2 seeds)."},
		{"one seed, far apart", []float64{98.75}, []float64{98.40},
			"Training TwoLayer in batches of 1024 instead of 200: the accuracy on the test images goes from 98.75 % to 98.40 %. The difference of −0.35 points is more than the ±0.34 points that 10,000 test images alone leave open; what another seed would change, one seed cannot tell."},
		{"one seed, near", []float64{98.50}, []float64{98.75},
			"Training TwoLayer in batches of 1024 instead of 200: the accuracy on the test images goes from 98.50 % to 98.75 %. The two cannot be told apart: 10,000 test images alone leave ±0.33 points open."},
		{"one seed, equal", []float64{98.4}, []float64{98.4},
			"Training TwoLayer in batches of 1024 instead of 200 leaves the accuracy on the test images as it is, 98.40 % and 98.40 %."},
		{"missing", []float64{98.4}, nil, "What the batch size does: that needs configurations 2 and 3; 3 is missing."},
		{"both missing", nil, nil, "What the batch size does: that needs configurations 2 and 3; 2 and 3 are missing."},
	} {
		b := notebook(t, map[int][]float64{2: test.two, 3: test.three})
		expect(t, test.name, b.batchClaims()[0], test.want)
	}
}

// TestOtherQuestions: the other sentences on accuracy are about the right
// configurations.
func TestOtherQuestions(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98.70, 98.80}, 2: {98.30, 98.40}, 3: {98.40, 98.50}, 4: {98.70, 98.80}})
	expect(t, "start", b.epochsClaims()[0], "Configuration 3 is the first 10 epochs of configuration 4, if the seed is the same: one training gives both, and each seed is compared with itself.")
	// Each seed gains 0.30 points, so the differences have no spread. Two standard
	// errors of 98.45 and 98.75 % on 10,000 images are 0.33 points.
	expect(t, "epochs", b.epochsClaims()[1],
		"Training TwoLayer for 25 epochs instead of 10 slightly raises the accuracy on the test images by 0.30 points: it goes from 98.45 ± 0.07 % to 98.75 ± 0.07 % (p < 0.001, 2 seeds, paired).")
	expect(t, "layers", b.layersClaims()[1],
		"A second set of convolution and pooling clearly lowers the accuracy on the test images by 0.40 points: it goes from 98.75 ± 0.07 % to 98.35 ± 0.07 % (p = 0.03, 2 seeds each).")
	// 200 = 8·5·5 after the second pooling, 2,304 = 16·12·12 after the first.
	expect(t, "size", b.layersClaims()[0],
		"TwoLayer has 22,046 parameters, OneLayer has 231,926: what the second set hands to the first dense layer is 200 values, not 2,304.")
	b = notebook(t, map[int][]float64{1: {98}, 3: {98}})
	expect(t, "epochs, missing", b.epochsClaims()[0], "What more epochs do: that needs configurations 3 and 4; 4 is missing.")
	expect(t, "layers, missing", b.layersClaims()[1], "What the second layer does to accuracy and time: that needs configurations 1 and 2; 2 is missing.")
	b = notebook(t, map[int][]float64{3: {98}, 4: {98}})
	b.groups[2].Epochs, b.groups[3].Epochs = 2, 2
	expect(t, "epochs, limited", b.epochsClaims()[0], "What more epochs do is not to be seen here: configurations 3 and 4 both had 2 epochs.")
}

// timed sets the machine and, in turns, the seconds of the epochs of a
// configuration's runs.
func (b *builder) timed(k int, m result.Machine, seconds ...float64) {
	g := &b.groups[k-1]
	for i := range g.Runs {
		g.Runs[i].Machine = m
		for e := range g.Runs[i].Epochs {
			g.Runs[i].Epochs[e].Seconds = seconds[e%len(seconds)]
		}
	}
}

// 60,000 images are 300 steps of 200 and 58.6, so 59, of 1024.
func TestEpochClaim(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98}, 2: {98}, 3: {98}, 4: {98}})
	b.timed(2, here, 0.8)
	b.timed(3, here, 0.6)
	expect(t, "shorter", b.batchClaims()[1], "An epoch of 59 steps takes 0.600 s, one of 300 steps 0.800 s (medians): clearly different, the first is 25 % shorter.")
	b.timed(3, here, 1.2)
	expect(t, "longer", b.batchClaims()[1], "An epoch of 59 steps takes 1.20 s, one of 300 steps 0.800 s (medians): clearly different, the first is 50 % longer.")
	b.timed(3, here, 20)
	expect(t, "much longer", b.batchClaims()[1], "An epoch of 59 steps takes 20.0 s, one of 300 steps 0.800 s (medians): clearly different, the first is 25.0 times as long.")
	// The middle halves are 0.65 to 0.8 and 0.7 to 0.9.
	b.timed(2, here, 0.65, 0.65, 0.7, 0.8, 0.8)
	b.timed(3, here, 0.7, 0.7, 0.8, 0.9, 0.9)
	expect(t, "overlap", b.batchClaims()[1], "An epoch of 59 steps takes 0.800 s, one of 300 steps 0.700 s (medians). The two cannot be told apart: the middle halves of their times overlap.")
	b.timed(2, here, 0.8)
	b.timed(3, here, 0.75)
	expect(t, "slightly", b.batchClaims()[1], "An epoch of 59 steps takes 0.750 s, one of 300 steps 0.800 s (medians): slightly different, the first is 6 % shorter.")
	b.timed(3, here, 0.5, 0.75, 0.75, 2)
	expect(t, "busy", b.batchClaims()[1], "Their times are not compared: the machine was busy with other work, or its cores were shared; epochs of configuration 3 took 0.500 s to 2.00 s.")
	b.timed(3, there, 20)
	expect(t, "machines", b.batchClaims()[1],
		"Their times are not compared, because they come from different machines: Fast 9000 with 2 workers and avx512 kernels and Slow 1 with 1 worker and generic kernels.")
	b.timed(1, here, 1)
	b.timed(2, here, 0.25)
	expect(t, "layers", b.layersClaims()[2], "An epoch of TwoLayer takes 0.250 s, one of OneLayer 1.00 s (medians): clearly different, the first is 75 % shorter.")
	b.timed(3, here, 2)
	b.timed(4, here, 2)
	expect(t, "epochs", b.epochsClaims()[2], "The training takes 50.0 s instead of 20.0 s: 2.5 times as long.")
	b.timed(4, there, 2)
	expect(t, "epochs, machines", b.epochsClaims()[2],
		"Their times are not compared, because they come from different machines: Fast 9000 with 2 workers and avx512 kernels and Slow 1 with 1 worker and generic kernels.")
}

// The notebook has 98.92 % in configuration 1. Of n values with standard
// deviation s, a further one lies within t·s·√(1+1/n) of their mean in 95 of 100
// cases; t is 12.706 for n = 2 and 4.303 for n = 3:
//
//	98.70, 98.80:        12.706·0.0707·1.2247 = 1.100
//	98.00, 98.01, 98.02:  4.303·0.0100·1.1547 = 0.050
//
// Two standard errors: 98.92 and 98.00: 2·√(0.010684 + 0.019600) = 0.348.
func TestNotebookClaim(t *testing.T) {
	for _, test := range []struct {
		name     string
		accuracy []float64
		want     string
	}{
		{"within", []float64{98.70, 98.80},
			"Configuration 1: 98.75 ± 0.07 % here, 98.92 % in the notebook. The two cannot be told apart: the notebook's lies within the 95 % prediction interval of one more seed here, 97.65 to 99.85 %."},
		{"less", []float64{98.00, 98.01, 98.02},
			"Configuration 1: 98.01 ± 0.01 % here, 98.92 % in the notebook: clearly less. The notebook's lies above the 95 % prediction interval of one more seed here, 97.96 to 98.06 %."},
		{"more", []float64{99.00, 99.01, 99.02},
			"Configuration 1: 99.01 ± 0.01 % here, 98.92 % in the notebook: slightly more. The notebook's lies below the 95 % prediction interval of one more seed here, 98.96 to 99.06 %."},
		{"no more than all", []float64{98.60, 98.80}, // 98.70 ± 2.20
			"Configuration 1: 98.70 ± 0.14 % here, 98.92 % in the notebook. The two cannot be told apart: the notebook's lies within the 95 % prediction interval of one more seed here, 96.50 to 100.00 %."},
		{"equal", []float64{98.92}, "Configuration 1: 98.92 % here, 98.92 % in the notebook, the same."},
		{"one seed", []float64{98.00},
			"Configuration 1: 98.00 % here, 98.92 % in the notebook. The difference of −0.92 points is more than the ±0.35 points that 10,000 test images alone leave open; what another seed would change, one seed cannot tell."},
	} {
		expect(t, test.name, notebook(t, map[int][]float64{1: test.accuracy}).notebookClaims()[0], test.want)
	}
	b := notebook(t, map[int][]float64{1: {98}})
	b.Settings.Train = 3000
	expect(t, "quick look", b.notebookClaims()[0], "They don't: the notebook's numbers are of all training images of MNIST and of all epochs.")
}

// Ten epochs of 1 s, 2 s and 3 s and 25 of 0.4 s are 70 s; 32·60/70 = 27.4.
func TestNotebookTime(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98}, 2: {98}, 3: {98}, 4: {98}})
	for k, s := range map[int]float64{1: 1, 2: 2, 3: 3, 4: 0.4} {
		b.timed(k, here, s)
	}
	const took = "An epoch took the notebook 24 to 44 s, all four trainings about 32 minutes, on its own machine"
	expect(t, "all", b.notebookTime(), took+". Here an epoch takes 0.400 s to 3.00 s (medians) and all four trainings, each by itself, 70.0 s: the notebook took 27.4 times as long.")
	b.timed(2, there, 2)
	expect(t, "machines", b.notebookTime(), took+"; with times from different machines, there is no total to compare.")
	b = notebook(t, map[int][]float64{1: {98}})
	expect(t, "missing", b.notebookTime(), took+"; with a configuration missing, there is no total to compare.")
}

// TestLadder: no configuration is named the best of those that cannot be told
// apart. The least p of three pairs is multiplied by 3, the next by 2 (Holm), and
// none is less than the one before; the p of two configurations 0.40 points apart is
// 0.0299, and for 0.80 points, t = 11.31 and p = 0.0077.
func TestLadder(t *testing.T) {
	for _, test := range []struct {
		name       string
		accuracies map[int][]float64
		want       string
	}{
		{"clear", map[int][]float64{1: {98.30, 98.40}, 4: {98.70, 98.80}},
			"Configuration 4 (TwoLayer, batch 1024, 25 epochs) has the most test images right, 98.75 ± 0.07 %. Configuration 1 is clearly worse: 98.35 ± 0.07 %, 0.40 points less than 4 (p = 0.03, 2 seeds each)."},
		// 3·0.0077 is 0.023; 2·0.0299 is 0.06, and so is the last.
		{"three pairs", map[int][]float64{1: {98.70, 98.80}, 2: {98.30, 98.40}, 3: {97.90, 98.00}},
			"Configurations 1 and 2 cannot be told apart by the test images that they have right: 98.35 to 98.75 % (p = 0.06). Configuration 3, 97.95 ± 0.07 %, cannot be told apart from 2 (p = 0.06, 2 seeds each), but is clearly worse than 1 (p = 0.023, 2 seeds each)."},
		{"noise", map[int][]float64{1: {98.70, 98.80}, 2: {98.40, 98.50}},
			"Configurations 1 and 2 cannot be told apart by the test images that they have right: 98.45 to 98.75 % (p = 0.051)."},
		{"equal", map[int][]float64{2: {98.5}, 3: {98.5}},
			"Configurations 2 and 3 cannot be told apart by the test images that they have right: 98.50 to 98.50 % (one seed, and 10,000 test images)."},
		{"one seed, near", map[int][]float64{2: {98.50}, 3: {98.75}},
			"Configurations 2 and 3 cannot be told apart by the test images that they have right: 98.50 to 98.75 % (one seed, and 10,000 test images)."},
		{"one seed, far", map[int][]float64{2: {98.40}, 3: {98.75}},
			"Configuration 3 (TwoLayer, batch 1024, 10 epochs) has the most test images right, 98.75 %. Configuration 2 has 98.40 %, 0.35 points less than 3. The difference of −0.35 points is more than the ±0.34 points that 10,000 test images alone leave open; what another seed would change, one seed cannot tell."},
		// 98.60 and 98.75: 2·√(0.013804 + 0.012344) = 0.323; 98.60 and 98.40: 0.344.
		{"one seed, from the nearest", map[int][]float64{1: {98.75}, 2: {98.60}, 3: {98.40}},
			"Configurations 1 and 2 cannot be told apart by the test images that they have right: 98.60 to 98.75 % (one seed, and 10,000 test images). Configuration 3, 98.40 %, cannot be told apart from 2 (one seed), but has 0.35 points less than 1. The difference of −0.35 points is more than the ±0.34 points that 10,000 test images alone leave open; what another seed would change, one seed cannot tell."},
		// With one test there is nothing to correct; two seeds each of 1 and 3 are 0.40
		// points apart.
		{"one seed of three", map[int][]float64{1: {98.70, 98.80}, 2: {98.60}, 3: {98.30, 98.40}},
			"Configurations 1 and 2 cannot be told apart by the test images that they have right: 98.60 to 98.75 % (one seed, and 10,000 test images). Configuration 3, 98.35 ± 0.07 %, cannot be told apart from 2 (one seed), but is clearly worse than 1 (p = 0.03, 2 seeds each)."},
		// 98.75 and 98.43: 2·√(0.012344 + 0.015454) = 0.333.
		{"below one that is worse", map[int][]float64{1: {98.75, 98.75}, 2: {98.45, 98.45}, 3: {98.43}},
			"Configurations 1 and 3 cannot be told apart by the test images that they have right: 98.43 to 98.75 % (one seed, and 10,000 test images). Configuration 2 is slightly worse: 98.45 ± 0.00 %, 0.30 points less than 1 (p < 0.001, 2 seeds each)."},
		{"alone", map[int][]float64{3: {98.75}},
			"Configuration 3 (TwoLayer, batch 1024, 10 epochs) has 98.75 % of the test images right. There is no other to compare it with."},
	} {
		expect(t, test.name, notebook(t, test.accuracies).ladder(), test.want)
	}
}

// TestLead: a busy machine is told above the times of the first table.
func TestLead(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98}, 2: {98}})
	expect(t, "quiet", fmt.Sprint(len(b.lead())), "3") // configurations are missing
	b.timed(2, here, 0.5, 0.75, 0.75, 2)
	expect(t, "busy", b.lead()[2], "The times below say little: the machine was busy with other work, or its cores were shared; epochs of configuration 2 took 0.500 s to 2.00 s.")
}

func TestMissingClaim(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98, 98}, 2: {98, 98, 98}, 3: {98}, 4: {98, 98}})
	expect(t, "some", b.missingClaim(), "Runs are missing: configuration 3 with seeds 2 and 3 and configuration 4 with seed 3.")
	b = notebook(t, map[int][]float64{1: {98}, 2: {98}, 3: {98}, 4: {98}})
	expect(t, "none", b.missingClaim(), "")
	b.Seeds = []uint64{1, 7}
	expect(t, "a seed that was asked for", b.missingClaim(),
		"Runs are missing: configuration 1 with seed 7, configuration 2 with seed 7, configuration 3 with seed 7 and configuration 4 with seed 7.")
}

// TestKernelsClaim: every run is named with its own kernels; if all have the same,
// there is no sentence.
func TestKernelsClaim(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98, 98}, 3: {98, 98}})
	expect(t, "the same", b.kernelsClaim(), "")
	for i, kernels := range []string{"generic", "avx512", "generic", "generic", "generic-fma"} {
		b.Runs[i].Machine.Kernels = kernels
	}
	b.groups = b.Settings.Groups(b.Runs)
	expect(t, "three", b.kernelsClaim(), "The runs are of different kernels, which round differently, so the last digits of a training with the same seed differ: "+
		"avx512 trained configuration 1 with seed 2; generic trained configuration 1 with seeds 1 and 3 and configuration 3 with seed 1; generic-fma trained configuration 3 with seed 2.")
}

func TestQuickClaim(t *testing.T) {
	for _, test := range []struct {
		settings result.Settings
		want     string
	}{
		{result.Settings{Data: result.MNIST, Train: 60000, Test: 10000}, ""},
		{result.Settings{Data: result.MNIST, Train: 3000, Test: 10000}, "A quick look, not the notebook's comparison: trained on the first 3,000 images."},
		{result.Settings{Data: result.MNIST, Train: 3000, Test: 10000, Epochs: 2}, "A quick look, not the notebook's comparison: trained on 3,000 images, for 2 epochs at most."},
		{result.Settings{Data: "ab", Train: 40, Test: 20}, "These trainings are not the notebook's: the data are not MNIST, but 40 other training images and 20 test images of 1×28×28, in 10 classes."},
		{result.Settings{Data: "ab", Train: 40, Test: 20}.Of([]int{3, 32, 32}, 100), "These trainings are not the notebook's: the data are not MNIST, but 40 other training images and 20 test images of 3×32×32, in 100 classes."},
	} {
		expect(t, fmt.Sprint(test.settings), (&builder{Comparison: Comparison{Settings: test.settings}}).quickClaim(), test.want)
	}
}

// TestOverfittingClaim has three epochs; the losses of a run are those of the
// training and of the test images. Two seeds whose loss rose by a and b have
// t = (a+b)/|a-b| and one degree of freedom, for which p = 2·atan(1/t)/π:
//
//	0.10 and 0.11: t = 21,  p = 0.030
//	0.10 and 0.18: t = 3.5, p = 0.177
func TestOverfittingClaim(t *testing.T) {
	type losses struct{ train, val [3]float64 }
	falls := [3]float64{.6, .3, .1}
	const ends = "Configuration 1 ends with 99.00 % of the training and 97.00 % of the test images right; its test loss is lowest in "
	for _, test := range []struct {
		name string
		runs []losses
		want string
	}{
		{"one seed", []losses{{falls, [3]float64{.5, .4, .5}}}, // 0.5 is 25 % more than 0.4
			ends + "epoch 2 of 3, 0.4000, and 25 % more at the end, 0.5000. Whether that is overfitting or noise, one seed cannot tell."},
		{"clear", []losses{{falls, [3]float64{.5, .4, .5}}, {falls, [3]float64{.5, .4, .51}}}, // 0.505 is 26.25 % more
			ends + "epoch 2 of 3, 0.4000, and 26 % more at the end, 0.5050, while the training loss fell on: it clearly overfits (p = 0.03, 2 seeds)."},
		{"within the noise", []losses{{falls, [3]float64{.5, .4, .5}}, {falls, [3]float64{.5, .4, .58}}}, // 0.54 is 35 % more
			ends + "epoch 2 of 3, 0.4000, and 35 % more at the end, 0.5400. It cannot be told apart from noise (p = 0.18, 2 seeds)."},
		// The least of the mean, 0.40 in epoch 2, is seed 1's luck. Seed 2 has its
		// least in epoch 3, so seed 1 rose by 0 and seed 2 by 0.44-0.50.
		{"picked by chance", []losses{{falls, [3]float64{.5, .3, .4}}, {falls, [3]float64{.5, .5, .44}}},
			ends + "epoch 2 of 3, 0.4000, and 5 % more at the end, 0.4200. It cannot be told apart from noise: in the epoch where the other seeds have their lowest, a seed's loss is on average no lower than at the end (2 seeds)."},
		// Of each seed the least is the other's worst: both "rose" by 0.41-0.50.
		{"picked by chance, each", []losses{{falls, [3]float64{.3, .5, .41}}, {falls, [3]float64{.5, .3, .41}}},
			ends + "epoch 1 of 3, 0.4000, and 2 % more at the end, 0.4100. It cannot be told apart from noise: in the epoch where the other seeds have their lowest, a seed's loss is on average no lower than at the end (2 seeds)."},
		// Seed 1 is at the end where it was in seed 2's least, epoch 1; seed 2 never moved.
		{"no rise", []losses{{falls, [3]float64{.4, .2, .4}}, {falls, [3]float64{.6, .6, .6}}},
			ends + "epoch 2 of 3, 0.4000, and 25 % more at the end, 0.5000. It cannot be told apart from noise: in the epoch where the other seeds have their lowest, a seed's loss is on average no lower than at the end (2 seeds)."},
		{"training loss rose too", []losses{{[3]float64{.6, .3, .4}, [3]float64{.5, .4, .5}}, {[3]float64{.6, .3, .4}, [3]float64{.5, .4, .51}}},
			ends + "epoch 2 of 3, 0.4000, and 26 % more at the end, 0.5050. It clearly rose (p = 0.03, 2 seeds), but so did the training loss: no overfitting."},
		// 4 is infinitely many per cent more than 0.
		{"nothing was left", []losses{{falls, [3]float64{.5, 0, 4}}}, ends + "epoch 2 of 3, 0.0000, and more at the end, 4.0000. Whether that is overfitting or noise, one seed cannot tell."},
		{"still learning", []losses{{falls, [3]float64{.5, .4, .3}}}, ends + "the last epoch, 3, so more may still help."},
	} {
		b := notebook(t, map[int][]float64{1: make([]float64, len(test.runs))})
		g := b.of(1)
		g.Epochs = 3
		for i, l := range test.runs {
			g.Runs[i].Epochs = nil
			for e := range 3 {
				g.Runs[i].Epochs = append(g.Runs[i].Epochs, result.Epoch{Train: result.Metrics{Accuracy: .99, Loss: l.train[e]}, Val: result.Metrics{Accuracy: .97, Loss: l.val[e]}})
			}
		}
		expect(t, test.name, overfittingClaim(g), test.want)
	}
}

// TestClassNames: the classes have their names in sentences and tables, cut short
// if they are long, or their numbers.
func TestClassNames(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98}, 2: {98}})
	b.groups[0].Runs[0].Mistakes = wrongs([2]int{4, 9}, [2]int{4, 9}, [2]int{9, 4})
	b.Runs = []result.Run{b.groups[0].Runs[0]}
	other := b.Comparison
	other.Settings.Data = "ab"
	for _, test := range []struct {
		names                 []string
		claim, none, row, col string
		number                bool
	}{
		{nil, "Configuration 1 most often confuses: 4 taken for 9 (2 of 1,000) and 9 taken for 4 (1 of 1,000).", "Configuration 2 confuses no classes.", "[4 9 2 1,000 0.20 %]", "class", true},
		{[]string{"", "", "", "", "<cat>", "", "", "", "", "a dog of a breed with a long name\x1b"},
			"Configuration 1 most often confuses: <cat> taken for a dog of a breed with…g name\\x1b (2 of 1,000) and a dog of a breed with…g name\\x1b taken for <cat> (1 of 1,000).",
			"Configuration 2 confuses no classes.", "[<cat> a dog of a breed with…g name\\x1b 2 1,000 0.20 %]", "class", false},
	} {
		other.Names = test.names
		o, err := newBuilder(other)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "claim", o.confusedClaim(b.groups[0]), test.claim)
		expect(t, "none", o.confusedClaim(b.groups[1]), test.none)
		pairs := o.confusedPairs()
		expect(t, "row", fmt.Sprint(pairs.Rows[0]), test.row)
		if c := pairs.Columns[0]; c.Name != test.col || c.Number != test.number {
			t.Errorf("got column %+v", c)
		}
	}
}

// wrongs makes mistakes of pairs, a digit and what it was read as, image by image.
func wrongs(pairs ...[2]int) []result.Mistake {
	var ms []result.Mistake
	for i, p := range pairs {
		ms = append(ms, result.Mistake{Image: 10*i + p[0], Truth: p[0], Guess: p[1]}) // image i shows i%10
	}
	return ms
}

func TestConfusedClaims(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98}, 2: {98}, 4: {98}})
	// In two runs: 4→9 three times, 9→4 and 3→5 twice, 7→2 once; of equals the
	// smaller digit is first.
	b.groups[0].Runs[0].Mistakes = wrongs([2]int{4, 9}, [2]int{4, 9}, [2]int{9, 4}, [2]int{3, 5})
	b.groups[0].Runs[1].Mistakes = wrongs([2]int{4, 9}, [2]int{7, 2}, [2]int{9, 4}, [2]int{3, 5})
	b.groups[1].Runs[0].Mistakes = wrongs([2]int{4, 9})
	want := []string{
		"Configuration 1 most often confuses: 4 read as 9 (1.5 of 1,000), 3 read as 5 (1 of 1,000) and 9 read as 4 (1 of 1,000), on average of 2 seeds.",
		"Configuration 2 most often confuses: 4 read as 9 (1 of 1,000).",
		"Configuration 4 confuses no digits.",
	}
	for i, g := range b.present() {
		expect(t, fmt.Sprintf("claim %d", i+1), b.confusedClaim(g), want[i])
	}
	// Image 4 is wrong in three runs; 14, 17, 29 (twice) and 33… in some.
	b.Runs = append(b.groups[0].Runs, b.groups[1].Runs...)
	expect(t, "hard", b.hardClaim(), "Of 10,000 test images, 5 are wrong in at least one of the 3 runs, and 1 is wrong in every one.")
	expect(t, "hard in one run", (&builder{Comparison: Comparison{Runs: b.Runs[2:], Labels: b.Labels}}).hardClaim(), "Of 10,000 test images, 1 is wrong.")
	// 4→9 is 4 times in three runs of 1,000 fours: 0.13 %.
	rows := b.confusedPairs().Rows
	if got := fmt.Sprint(rows[0]); len(rows) != 4 || got != "[4 9 1.3 1,000 0.13 %]" {
		t.Errorf("got %d pairs, the first %s", len(rows), got)
	}
	b.Runs[1].Mistakes = b.Runs[1].Mistakes[1:]
	expect(t, "hard in no run", b.hardClaim(), "Of 10,000 test images, 5 are wrong in at least one of the 3 runs, and none is wrong in every one.")
}
