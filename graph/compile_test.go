package graph

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// faulty lowers to something that cannot be built.
type faulty struct {
	fused
	lower func(b *builder) error
}

func (f faulty) build(b *builder) error { return f.lower(b) }

// TestCompilePanics: what Gorgonia panics about is an error; a fault of this
// module is none, and shows where it is.
func TestCompilePanics(t *testing.T) {
	net, err := Sequential{Dense(2), SoftMax}.Build(3)
	if err != nil {
		t.Fatal(err)
	}
	compile := func(build func(b *builder) error) (stack string, err error) {
		defer func() {
			if r := recover(); r != nil {
				buf := make([]byte, 1<<16)
				stack = string(buf[:runtime.Stack(buf, false)])
			}
		}()
		_, size := net.slots(fused{})
		_, err = net.compile(faulty{lower: build}, 1, make([]float32, size), Forward)
		return "", err
	}
	stack, err := compile(func(b *builder) error {
		G.NewTensor(b.m.graph, tensor.Float32, 2, G.WithShape(2, 3, 4)) // two axes and three
		return nil
	})
	if err == nil || !strings.HasPrefix(err.Error(), "gorgonia: ") || stack != "" {
		t.Errorf("Gorgonia panics: got error %v and stack %q", err, stack)
	}
	var none *builder
	stack, err = compile(func(*builder) error { return indexBeyond(none) })
	if err != nil || !strings.Contains(stack, "indexBeyond") {
		t.Errorf("our own nil pointer: got error %v and stack\n%s", err, stack)
	}
	stack, err = compile(func(*builder) error { return errors.New(strings.Repeat("x", minusOne())) })
	if err != nil || !strings.Contains(stack, "strings.Repeat") {
		t.Errorf("our own wrong call: got error %v and stack\n%s", err, stack)
	}
	// The lock is free again.
	if _, err := net.Compile(Fused, 1, make([]float32, 32), Forward); err != nil {
		t.Error(err)
	}
}

func minusOne() int { return -1 }

//go:noinline
func indexBeyond(b *builder) error { b.net = nil; return nil }

// TestCompileAtOnce: machines are compiled, listed and run by several goroutines
// at a time. The race detector looks on.
func TestCompileAtOnce(t *testing.T) {
	net, err := Sequential{Conv2d(2, 2), Rectify, MaxPool2D(2), Flatten, Dense(3), SoftMax}.Build(1, 5, 5)
	if err != nil {
		t.Fatal(err)
	}
	// The first of all in the process are built at once too: later ones find
	// what Gorgonia keeps of its constants.
	var lists sync.Map
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 8 {
		for _, lowering := range Lowerings() {
			wg.Go(func() {
				_, size, err := net.layout(lowering)
				if err != nil {
					t.Error(err)
					return
				}
				<-start
				for range 8 {
					m, err := net.Compile(lowering, 2, make([]float32, size), Training)
					if err != nil {
						t.Error(err)
						return
					}
					for range 3 {
						if _, err := m.Run(make([]float32, size), false); err != nil {
							t.Error(err)
						}
					}
					got := fmt.Sprint(m.Nodes())
					if want, _ := lists.LoadOrStore(lowering, got); got != want {
						t.Errorf("%s: another list of nodes", lowering)
					}
				}
			})
		}
	}
	close(start)
	wg.Wait()
}

// TestOutputsNeedARun: a machine that has not run, or whose last run failed, has
// no outputs, in any lowering and whatever layer is last.
func TestOutputsNeedARun(t *testing.T) {
	for _, lowering := range Lowerings() {
		for _, last := range []Layer{Dense(2), SoftMax} {
			net, err := Sequential{Dense(2), last}.Build(3)
			if err != nil {
				t.Fatal(err)
			}
			weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
			if err != nil {
				t.Fatal(err)
			}
			m, err := net.Compile(lowering, 4, weights, Forward)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := m.Outputs(); err == nil {
				t.Errorf("%s, %v: got %v before a run, want an error", lowering, last, out)
			}
			if _, err := m.Run(nil, false); err != nil {
				t.Fatal(err)
			}
			if out, err := m.Outputs(); err != nil || len(out) != 8 {
				t.Errorf("%s, %v: got %v, %v after a run, want 8 values", lowering, last, out, err)
			}
			m.X[0] = float32(math.NaN())
			if _, err := m.Run(nil, false); !errors.Is(err, ErrNaN) {
				t.Fatal(err)
			}
			if out, err := m.Outputs(); err == nil {
				t.Errorf("%s, %v: got %v after a run that failed, want an error", lowering, last, out)
			}
		}
	}
}
