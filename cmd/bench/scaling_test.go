package main

import (
	"math"
	"testing"
	"time"

	"tapenet/train"
)

// TestStepModel compares with the model's arithmetic by hand, in ms.
func TestStepModel(t *testing.T) {
	m := stepModel{batch: 200, lanes: 4, limit: 16, cut: 20, whole: 2, rounds: 5, round: 3, adam: 400, exchange: 100}
	for workers, want := range map[int]float64{
		1:  4.8,   // 200 images of 22 µs, Adam
		2:  2.406, // 100 images, half of Adam, two rounds
		4:  1.206,
		8:  0.671,  // 25 images of 20 µs, 50 of 2 µs, 7 rounds, 50 µs of Adam
		16: 0.3960, // 12.5 images of 20 µs, 50 of 2 µs, 7 rounds, 25 µs of Adam
		32: 0.3960, // no more than the limit
		3:  1.626,  // 66.7 images, 9/3 + 5·4/3 rounds, 133 µs of Adam
	} {
		if got := m.step(workers); math.Abs(got-want) > 1e-3 {
			t.Errorf("%d workers: got %v ms, want %v", workers, got, want)
		}
	}
	m.exchange = 800 // slower than Adam's arithmetic
	if got, want := m.step(16), 0.421; math.Abs(got-want) > 1e-3 {
		t.Errorf("a slow exchange: got %v ms, want %v", got, want)
	}
}

// TestNewStepModel sorts the parts of a step by how they are shared.
func TestNewStepModel(t *testing.T) {
	n, err := newNetwork("onelayer", 10, mnistShape)
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for _, p := range []struct {
		name   string
		micros float64
	}{{"conv1", 5}, {"dense2", 0.25}, {"∂ dense1 input", 6}, {"∂ conv1.weight", 4}, {train.TimeImages, 1}, {train.TimeAdam, 2}, {partRest, 0.5}, {train.TimeStep, 18.75}} {
		_, flop := n.opWork(p.name)
		parts = append(parts, part{Name: p.name, FLOP: flop, Micros: spread{Min: p.micros}})
	}
	got := n.newStepModel(1024, parts, 3, 10)
	// Adam of eight lanes: 9/5 of 400 µs. Eight lanes of two micro-batches; 231,926 values of 4 bytes, 8 + 6 times, at 10 GB/s.
	want := stepModel{batch: 1024, lanes: 8, limit: 32, cut: 16, whole: 0.75, rounds: 2 * 4, round: 3, adam: 720, exchange: 231926 * 4 * 14 / 1e4}
	if math.Abs(got.exchange-want.exchange) > 1e-6 {
		t.Errorf("got %v µs to exchange, want %v", got.exchange, want.exchange)
	}
	got.exchange = want.exchange
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := n.newStepModel(8, parts, 3, 10); got.lanes != 1 || got.limit != 4 || got.rounds != 4 || got.adam != 160 {
		t.Errorf("batch 8: got %+v, want a lane for 4 workers with 4 rounds and 160 µs of Adam", got)
	}
}

// TestMeasuredScaling: what is measured for the model is a number above 0.
func TestMeasuredScaling(t *testing.T) {
	if got := exchangeRate(time.Millisecond); !(got > 0) || math.IsInf(got, 0) {
		t.Errorf("got %v GB/s between cores", got)
	}
	if got := train.RoundTime(2, time.Millisecond); got <= 0 || got > time.Second {
		t.Errorf("got %v for a round", got)
	}
}
