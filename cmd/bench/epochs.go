package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// epochImages are the images of an epoch of MNIST.
const epochImages = 60000

// level is an instruction set of the kernels, and the setting of GODEBUG that
// keeps them from a better one.
type level struct{ name, setting string }

// levels are all there are, best first.
var levels = []level{
	{"avx512", ""},
	{"avx2", "cpu.avx512f=off"},
	{"generic", "cpu.avx512f=off,cpu.avx2=off"},
}

// epochTime is how long one way to train a network takes.
type epochTime struct {
	Network  string         `json:"network"`
	Batch    int            `json:"batch"`
	Lowering graph.Lowering `json:"ops"`
	Level    string         `json:"level"`
	Workers  int            `json:"workers"`
	Images   int            `json:"images"` // of each repetition; if fewer than 60,000, the epoch is extrapolated from these
	Step     spread         `json:"step_ms"`
	Epoch    spread         `json:"epoch_s"`
	Limit    float64        `json:"limit_s"` // of an epoch, if all of it ran at the processor's peak

	child   *peer
	seconds []float64
}

// epochTimes are those of one network and batch, or of several.
type epochTimes []*epochTime

// measureEpochs trains a network in every way there is, each in a child process
// of its own, in turns.
func (b *bench) measureEpochs(ctx context.Context, n network, batch int) (epochTimes, error) {
	net, _, err := n.build()
	if err != nil {
		return nil, err
	}
	times, err := b.startTrainers(ctx, n, batch)
	for _, t := range times {
		defer t.child.stop()
	}
	if err != nil {
		return nil, err
	}
	for range b.repetitions {
		// Measured as often as what it limits: the cores are not always free.
		b.workersPeak = max(b.workersPeak, graph.PeakGFLOPS(b.workers, b.peak))
		for _, t := range times {
			s, err := t.child.epoch()
			if err != nil {
				return nil, err
			}
			t.seconds = append(t.seconds, s)
		}
	}
	for _, t := range times {
		t.sum()
		t.Limit = float64(stepFLOP(net)) * epochImages / (b.workersPeak * 1e9)
	}
	return times, nil
}

// sum makes a step's and an epoch's time of the seconds of all repetitions. A
// batch of more images than there are is one step with all.
func (t *epochTime) sum() {
	s := spreadOf(t.seconds)
	t.Step = s.times(1e3 * float64(min(t.Batch, t.Images)) / float64(t.Images))
	t.Epoch = s.times(epochImages / float64(t.Images))
}

// startTrainers starts bench itself for every level that this processor has, and
// for Gorgonia's ops. Also with an error it returns those that run.
func (b *bench) startTrainers(ctx context.Context, n network, batch int) (times epochTimes, err error) {
	start := func(lowering graph.Lowering, level string, images int, settings ...string) error {
		images = min(((images-1)/batch+1)*batch, epochImages) // whole steps
		child, err := b.startSelf(ctx, n, batch, settings, "--ops", string(lowering), "--images", fmt.Sprint(images))
		if err != nil {
			return err
		}
		if level != "" && child.about != level {
			return child.quit()
		}
		times = append(times, &epochTime{Network: n.name, Batch: batch, Lowering: lowering, Level: level, Workers: b.workers, Images: images, child: child})
		return nil
	}
	here := slices.IndexFunc(levels, func(l level) bool { return l.name == graph.Level() })
	for _, l := range levels[here:] {
		var settings []string
		if l.name != graph.Level() {
			settings = []string{"GODEBUG=" + strings.TrimPrefix(os.Getenv("GODEBUG")+","+l.setting, ",")}
		}
		images := b.vector
		if l.name == "generic" {
			images = b.generic
		}
		if err := start(graph.Fused, l.name, images, settings...); err != nil {
			return times, err
		}
	}
	return times, start(graph.Gorgonia, "", b.gorgonia)
}

// startSelf starts bench serve.
func (b *bench) startSelf(ctx context.Context, n network, batch int, settings []string, flags ...string) (*peer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return startPeer(ctx, b.answer, append(append([]string{self, "serve"}, b.peerFlags(n, batch)...), flags...), settings...)
}

// peerFlags are the flags that every peer is started with.
func (b *bench) peerFlags(n network, batch int) []string {
	return []string{"--network", n.name, "--batch", fmt.Sprint(batch), "--threads", fmt.Sprint(b.workers), "--data", b.dir}
}

func (e epochTimes) table() table {
	first := e[0]
	t := table{
		title: fmt.Sprintf("Training %s: batch %d, %d workers", first.Network, first.Batch, first.Workers),
		head:  []string{"", "step ms", "median", "epoch s", "median", "µs/image·worker", ""},
		notes: []string{fmt.Sprintf("An epoch at the peak of these workers would take %s s.", digits(first.Limit))},
	}
	for _, r := range e {
		note := ""
		if r.Images < epochImages {
			note = fmt.Sprintf("extrapolated from %d images", r.Images)
		}
		name := string(r.Lowering)
		if r.Level != "" {
			name += ", " + r.Level
		}
		perImage := r.Epoch.Min * 1e6 / epochImages * float64(r.Workers)
		t.add(name, r.Step.Min, r.Step.Median, r.Epoch.Min, r.Epoch.Median, perImage, note)
	}
	return t
}
