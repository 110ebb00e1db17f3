package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"tapenet/cmd/internal/table"
	"tapenet/graph"
	"tapenet/train"
)

// scaling is how a training step gets shorter with more workers.
type scaling struct {
	Network  string       `json:"network"`
	Batch    int          `json:"batch"`
	Round    float64      `json:"round_us"`                // that workers take at least to share out work
	Exchange float64      `json:"exchange_gb_s,omitempty"` // at which one core copies what another has written; 0 with one core
	Rows     []scalingRow `json:"workers"`
}

// scalingRow is a step with one number of workers.
type scalingRow struct {
	Workers  int     `json:"workers"`
	Computed float64 `json:"computed_ms"`
	Measured float64 `json:"measured_ms,omitempty"` // the least; 0 with more workers than cores
}

// stepModel is what the time of a step is computed from. The first lanes workers take
// whole lanes of the batch. More of them, up to limit, share each lane: the ops that are
// cut get as much faster as there are workers for a lane, but each takes a round to share
// out; the gradients of all weights are one round. What is left is as slow as with one
// worker. Adam is cut among all, and reads what other cores have written.
//
// The model leaves out that parts have unequal sizes, what two parts of a gradient do
// twice, and that a processor may be slower when all its cores work.
type stepModel struct {
	batch, lanes, limit int
	cut, whole          float64 // µs of one worker for an image, in ops that are cut and in others
	rounds              int     // of a lane, with all its micro-batches
	round               float64 // µs
	adam                float64 // µs of one worker
	exchange            float64 // µs in which one worker reads what Adam reads and writes, from another core
}

// minCut is the FLOP of a lane's op from which on it is cut in two; package graph counts
// them as multiply-adds.
const minCut = 1 << 18

// newStepModel returns the model of a batch from the parts of one worker's step.
func (n network) newStepModel(batch int, parts []part, round, exchangeGB float64) stepModel {
	limit := train.Config{Batch: batch}.UsefulWorkers()
	m := stepModel{batch: batch, lanes: lanesOf(batch), limit: limit, round: round}
	rounds := 1 // the gradients of the weights
	for _, p := range parts {
		switch {
		case p.Name == train.TimeStep:
		case p.Name == train.TimeAdam:
			// It takes about as long as to add a gradient of each lane, and one more.
			m.adam = p.Micros.Min * stepBatch * float64(m.lanes+1) / float64(lanesOf(stepBatch)+1)
		case p.Name == train.TimeImages || p.FLOP*min(batch/m.lanes, maxRun) >= minCut:
			m.cut += p.Micros.Min
			if !strings.HasSuffix(p.Name, ".weight") {
				rounds++
			}
		default:
			m.whole += p.Micros.Min
		}
	}
	m.rounds = rounds * int(math.Ceil(float64(batch)/float64(m.lanes*maxRun)))
	// Adam reads a gradient of each lane, and reads and writes the weights and two moments.
	if exchangeGB > 0 {
		m.exchange = float64(4*n.NumParams()*(m.lanes+6)) / exchangeGB / 1e3
	}
	return m
}

// lanesOf returns the lanes of a batch: the workers of Gorgonia's ops, which do not share
// them.
func lanesOf(batch int) int {
	return train.Config{Batch: batch, Lowering: graph.Gorgonia}.UsefulWorkers()
}

// maxRun is the most images of a micro-batch, as in package train.
const maxRun = 64

// step returns the time of a step in ms.
func (m stepModel) step(workers int) float64 {
	workers = min(workers, m.limit)
	w := float64(workers)
	adam := m.adam
	if workers > 1 {
		adam = max(m.adam, m.exchange)/w + m.round
	}
	images := float64(m.batch) / float64(m.lanes)
	if workers <= m.lanes && m.lanes%workers == 0 {
		start := 0.
		if workers > 1 {
			start = m.round
		}
		return (start + float64(m.lanes/workers)*images*(m.cut+m.whole) + adam) / 1e3
	}
	team := w / float64(m.lanes) // below 1, a worker has several lanes, and the last is shared
	lane := images*m.cut/team + max(1, 1/team)*(images*m.whole+float64(m.rounds)*m.round)
	return (m.round + lane + adam) / 1e3
}

// measureScaling computes the time of a step for up to 32 workers, and measures it for as
// many as there are cores.
func (b *bench) measureScaling(ctx context.Context, n network, batch int, s *step) error {
	cores := b.Processor.Cores
	sc := &scaling{Network: n.name, Batch: batch}
	sc.Round = float64(train.RoundTime(min(cores, train.MaxWorkers), b.peak).Nanoseconds()) / 1e3
	if cores > 1 {
		sc.Exchange = exchangeRate(b.peak)
	}
	m := n.newStepModel(batch, s.Parts, sc.Round, sc.Exchange)
	for workers := 1; workers <= train.MaxWorkers; workers *= 2 {
		row := scalingRow{Workers: workers, Computed: m.step(workers)}
		if workers <= cores {
			row.Measured = math.Inf(1)
			err := b.trainFor(ctx, n, batch, workers, func(times map[string]time.Duration) {
				row.Measured = min(row.Measured, times[train.TimeStep].Seconds()*1e3)
				clear(times)
			})
			if err != nil {
				return err
			}
		}
		sc.Rows = append(sc.Rows, row)
	}
	b.Scaling = append(b.Scaling, sc)
	return sc.section().write(b.text)
}

// exchangeRate measures for the time d at how many GB/s one core copies what another has
// just written: the median, because the two may be one core at times.
func exchangeRate(d time.Duration) float64 {
	data, own := make([]float32, 1<<18), make([]float32, 1<<18) // 1 MiB
	var writes, written atomic.Int64
	go func() {
		for n := int64(1); ; {
			switch asked := writes.Load(); {
			case asked < 0:
				return
			case asked == n:
				for i := range data {
					data[i]++
				}
				written.Store(n)
				n++
			}
		}
	}()
	var seconds []float64
	for end := time.Now().Add(d); len(seconds) == 0 || time.Now().Before(end); {
		n := writes.Add(1)
		for written.Load() < n {
		}
		start := time.Now()
		copy(own, data)
		seconds = append(seconds, time.Since(start).Seconds())
	}
	writes.Store(-1)
	return float64(4*len(data)) / spreadOf(seconds).Median / 1e9
}

func (sc *scaling) section() *section {
	t := &section{title: fmt.Sprintf("Training step of %s with more workers, computed: batch %d", sc.Network, sc.Batch)}
	t.Columns = append(table.Texts("workers"), table.Numbers("computed ms", "times faster", "epoch s", "measured ms")...)
	for _, r := range sc.Rows {
		steps := math.Ceil(epochImages / float64(sc.Batch))
		t.add(fmt.Sprint(r.Workers), r.Computed, sc.Rows[0].Computed/r.Computed, r.Computed*steps/1e3, r.Measured)
	}
	t.notes = []string{
		fmt.Sprintf("Computed from the parts of one worker's step, %s µs to share out work and %s GB/s between cores; measured", digits(sc.Round), digits(sc.Exchange)),
		"only for as many workers as there are cores. It takes for granted that cores do not slow each other.",
	}
	return t
}
