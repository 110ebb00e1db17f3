package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"tapenet/cmd/internal/table"
	"tapenet/graph"
)

// epochImages are the images of an epoch of MNIST.
const epochImages = 60000

// way is one way to train a network.
type way struct {
	Lowering graph.Lowering `json:"ops"`
	Level    string         `json:"level"`  // of the kernels; "" without them
	Images   int            `json:"images"` // of a repetition; if fewer than 60,000, the epoch is extrapolated
	godebug  string         // keeps the kernels from a better level
}

// ways returns all that this processor can, best first.
func (b *bench) ways() []way {
	all := []way{{graph.Fused, "avx512", b.vector, ""}, {graph.Fused, "avx2", b.vector, "cpu.avx512f=off"}}
	off := "cpu.avx512f=off,cpu.avx2=off"
	if runtime.GOARCH == "arm64" {
		all, off = []way{{graph.Fused, "neon", b.vector, ""}}, "cpu.asimd=off"
	}
	all = append(all, way{graph.Fused, "generic", b.generic, off}, way{graph.Gorgonia, "", b.gorgonia, ""})
	all = all[slices.IndexFunc(all, func(w way) bool { return w.Level == graph.Level() }):]
	if graph.BF16() {
		all = append([]way{{graph.FusedBF16, graph.Level(), b.vector, ""}}, all...)
	}
	return all
}

// epochTime is how long one way to train a network takes.
type epochTime struct {
	Network string `json:"network"`
	Batch   int    `json:"batch"`
	Workers int    `json:"workers"`
	way
	Step  spread  `json:"step_ms"`
	Epoch spread  `json:"epoch_s"`
	Limit float64 `json:"limit_s"` // of an epoch, if all of it ran at the processor's peak
}

// measureEpochs trains a network in every way, each in a child process of its
// own, in turns.
func (b *bench) measureEpochs(ctx context.Context, n network, batch int) error {
	ways := b.ways()
	var children []*peer
	for i := range ways {
		w := &ways[i]
		w.Images = min(((w.Images-1)/batch+1)*batch, epochImages) // whole steps
		child, err := b.start(ctx, n, batch, w.godebug, b.self, "--ops", string(w.Lowering), "--limit", fmt.Sprint(w.Images))
		if err != nil {
			return err
		}
		defer child.stop()
		if w.Level != "" {
			w.Level = child.about
		}
		children = append(children, child)
	}
	for range b.repetitions {
		// Other programs come and go: the peak is measured as often as the epochs.
		b.workersPeak = max(b.workersPeak, graph.PeakGFLOPS(b.workers, b.peak))
		if err := inTurns(children...); err != nil {
			return err
		}
	}
	var times []*epochTime
	for i, w := range ways {
		t := &epochTime{Network: n.name, Batch: batch, Workers: b.workers, way: w}
		t.extrapolate(spreadOf(children[i].seconds))
		t.Limit = float64(n.stepFLOP()) * epochImages / (b.workersPeak * 1e9)
		times = append(times, t)
	}
	b.Epochs = append(b.Epochs, times...)
	return epochsSection(times).write(b.text)
}

// inTurns lets each of the peers train for an epoch.
func inTurns(peers ...*peer) error {
	for _, p := range peers {
		if err := p.epoch(); err != nil {
			return err
		}
	}
	return nil
}

// extrapolate sets the times of a step and of an epoch from the seconds of a
// repetition. A batch of more images than there are is one step with all.
func (t *epochTime) extrapolate(seconds spread) {
	t.Step = seconds.times(1e3 * float64(min(t.Batch, t.Images)) / float64(t.Images))
	t.Epoch = seconds.times(epochImages / float64(t.Images))
}

// start starts a peer by its command, with the flags of every peer and more, and
// with a further setting of GODEBUG, if not "".
func (b *bench) start(ctx context.Context, n network, batch int, godebug string, command []string, flags ...string) (*peer, error) {
	godebug = strings.Trim(os.Getenv("GODEBUG")+","+godebug, ",")
	usual := []string{"--network", n.name, "--batch", fmt.Sprint(batch), "--threads", fmt.Sprint(b.workers), "--data", b.dir}
	return startPeer(ctx, b.answer, slices.Concat(command, usual, flags), "GODEBUG="+godebug)
}

// epochsSection shows the times of one network and batch; the last are those of
// Gorgonia's ops.
func epochsSection(times []*epochTime) *section {
	first, gorgonia := times[0], times[len(times)-1]
	s := &section{title: fmt.Sprintf("Training %s: batch %d, %d workers", first.Network, first.Batch, first.Workers)}
	s.Columns = slices.Concat(table.Texts(""), table.Numbers("step ms", "median", "epoch s", "median", "µs/image·worker", "of peak", "× gorgonia"), table.Texts(""))
	for _, t := range times {
		name, note := string(t.Lowering), ""
		if t.Level != "" {
			name += ", " + t.Level
		}
		if t.Images < epochImages {
			note = fmt.Sprintf("extrapolated from %d images", t.Images)
		}
		perImage := t.Epoch.Min * 1e6 / epochImages * float64(t.Workers)
		s.add(name, t.Step.Min, t.Step.Median, t.Epoch.Min, t.Epoch.Median, perImage, percent(t.Limit/t.Epoch.Min), gorgonia.Epoch.Min/t.Epoch.Min, note)
	}
	s.notes = []string{fmt.Sprintf("An epoch at the peak of these workers would take %s s.", digits(first.Limit))}
	return s
}

// match is what training in turns with a peer gave.
type match struct {
	Network string    `json:"network"`
	Batch   int       `json:"batch"`
	Workers int       `json:"workers"`
	Us      string    `json:"us"`
	Peer    string    `json:"peer"`
	Ours    []float64 `json:"ours_s"` // of each epoch
	Theirs  []float64 `json:"theirs_s"`
	Ratios  []float64 `json:"ratios"` // theirs / ours, pair by pair
	Ratio   spread    `json:"ratio"`  // of the pairs
}

// play trains a network in turns: an epoch of ours, one of the peer's, and so on.
func (b *bench) play(ctx context.Context, n network, batch int) error {
	us, err := b.start(ctx, n, batch, "", b.self)
	if err != nil {
		return err
	}
	defer us.stop()
	them, err := b.start(ctx, n, batch, "", strings.Fields(b.peer))
	if err != nil {
		return err
	}
	defer them.stop()
	for range b.repetitions {
		if err := inTurns(us, them); err != nil {
			return err
		}
	}
	m := &match{Network: n.name, Batch: batch, Workers: b.workers, Us: us.about, Peer: them.about, Ours: us.seconds, Theirs: them.seconds}
	for i, seconds := range m.Theirs {
		m.Ratios = append(m.Ratios, seconds/m.Ours[i])
	}
	m.Ratio = spreadOf(m.Ratios)
	if err := them.quit(); err != nil {
		return err
	}
	b.Peer = append(b.Peer, m)
	return m.section().write(b.text)
}

func (m *match) section() *section {
	s := &section{title: fmt.Sprintf("Training %s in turns: batch %d, %d workers, seconds an epoch", m.Network, m.Batch, m.Workers)}
	s.Columns = append(table.Texts(""), table.Numbers("fused, "+m.Us, m.Peer, "ratio")...)
	for i, r := range m.Ratios {
		s.add(fmt.Sprint("pair ", i+1), m.Ours[i], m.Theirs[i], r)
	}
	ours, theirs := spreadOf(m.Ours), spreadOf(m.Theirs)
	s.add("minimum", ours.Min, theirs.Min, m.Ratio.Min)
	s.add("median", ours.Median, theirs.Median, m.Ratio.Median)
	return s
}
