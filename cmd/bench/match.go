package main

import (
	"context"
	"fmt"
	"strings"
)

// match is what came out of training in turns with a peer.
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

// play trains a network by turns: an epoch of ours, one of the peer's, and so on.
func (b *bench) play(ctx context.Context, n network, batch int) (*match, error) {
	us, err := b.startSelf(ctx, n, batch, nil)
	if err != nil {
		return nil, err
	}
	defer us.stop()
	them, err := startPeer(ctx, b.answer, append(strings.Fields(b.peer), b.peerFlags(n, batch)...))
	if err != nil {
		return nil, err
	}
	defer them.stop()
	m := &match{Network: n.name, Batch: batch, Workers: b.workers, Us: us.about, Peer: them.about}
	for range b.repetitions {
		a, err := us.epoch()
		if err != nil {
			return nil, err
		}
		b, err := them.epoch()
		if err != nil {
			return nil, err
		}
		m.Ours, m.Theirs, m.Ratios = append(m.Ours, a), append(m.Theirs, b), append(m.Ratios, b/a)
	}
	m.Ratio = spreadOf(m.Ratios)
	return m, them.quit()
}

func (m *match) table() table {
	t := table{
		title: fmt.Sprintf("Training %s in turns: batch %d, %d workers, seconds an epoch", m.Network, m.Batch, m.Workers),
		head:  []string{"", "fused, " + m.Us, m.Peer, "ratio"},
	}
	for i, r := range m.Ratios {
		t.add(fmt.Sprint("pair ", i+1), m.Ours[i], m.Theirs[i], r)
	}
	ours, theirs := spreadOf(m.Ours), spreadOf(m.Theirs)
	t.add("minimum", ours.Min, theirs.Min, m.Ratio.Min)
	t.add("median", ours.Median, theirs.Median, m.Ratio.Median)
	return t
}
