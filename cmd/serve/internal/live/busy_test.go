package live

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestBusy: while a look is under way, 32 more wait; the next is told to come again.
// One whose client goes makes room, and nothing is lost for the others.
func TestBusy(t *testing.T) {
	l, h := server(t)
	n, err := l.nets.Open("twolayer")
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.models.open(n, l.test)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	until := func(n int32) {
		for l.waiting.Load() != n {
			runtime.Gosched()
		}
	}
	const waiting = 32
	const body = `{"net":"twolayer","example":3}`
	var all sync.WaitGroup
	for range waiting - 1 {
		all.Go(func() {
			if w := post(h, body); w.Code != http.StatusOK {
				t.Errorf("one that waited: got status %d", w.Code)
			}
		})
	}
	until(waiting - 1)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/look", strings.NewReader(body)))
		gone <- w.Code
	}()
	until(waiting)
	late, cancel := context.WithTimeout(t.Context(), 10*time.Second) // if it waits, which is wrong
	defer cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(late, http.MethodPost, "/api/look", strings.NewReader(body)))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("one too many: got status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	leave()
	if code := <-gone; code == http.StatusOK {
		t.Error("one whose client is gone: got an answer")
	}
	until(waiting - 1)
	m.leave()
	all.Wait()
	if n := l.waiting.Load(); n != 0 {
		t.Errorf("%d wait in the end", n)
	}
}

// TestPlaces: eight looks at once have models, whatever the networks; the next makes its
// own when one of them has ended, and one that fails gives its place back.
func TestPlaces(t *testing.T) {
	l, h := server(t)
	for range mostLooks {
		l.places <- struct{}{}
	}
	const body = `{"net":"list:1:Flatten, Dense(3)"}`
	code := make(chan int, 1)
	go func() { code <- post(h, body).Code }()
	for l.waiting.Load() != 1 && len(code) == 0 {
		runtime.Gosched()
	}
	time.Sleep(10 * time.Millisecond) // to make the model, which is wrong
	l.models.mu.Lock()
	if n := len(l.models.slots); n != 0 {
		t.Errorf("got %d models, want none before there is a place", n)
	}
	l.models.mu.Unlock()
	<-l.places
	if got := <-code; got != http.StatusOK {
		t.Errorf("got status %d", got)
	}
	if got := post(h, `{"net":"list:1:Flatten, Dense(3)","node":1000}`).Code; got != http.StatusBadRequest || len(l.places) != mostLooks-1 {
		t.Errorf("got status %d and %d places taken, want 400 and %d", got, len(l.places), mostLooks-1)
	}
}

// TestGone: a look whose client is gone does no step more.
func TestGone(t *testing.T) {
	l, _ := server(t)
	n, _ := opened(t, l, "twolayer")
	m, err := l.models.open(n, l.test)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	before := m.values
	if err := m.learn(ctx, 4, mostSteps); err == nil || &before[0] != &m.values[0] {
		t.Errorf("learn: got error %v", err)
	}
	if _, err := m.look(ctx, &sight{question: &question{}}); err == nil {
		t.Error("look: got no error")
	}
}

// TestCache: a model is opened once, until eight others have been used since; another
// version of a network is another model.
func TestCache(t *testing.T) {
	l, _ := server(t)
	open := func(key string) *model {
		n, err := l.nets.Open(key)
		if err != nil {
			t.Fatal(err)
		}
		m, err := l.models.open(n, l.test)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	list := func(i int) string { return fmt.Sprintf("list:%d:Flatten, Dense(3)", i) }
	first, second := open(list(1)), open(list(2))
	for i := 3; i <= mostModels; i++ {
		open(list(i))
	}
	if open(list(1)) != first {
		t.Error("the first of eight is not kept")
	}
	open(list(mostModels + 1))
	if open(list(1)) != first || open(list(2)) == second || len(l.models.slots) != mostModels {
		t.Errorf("the least recently used of nine is kept, of %d", len(l.models.slots))
	}
	large := func(i int) string { return fmt.Sprintf("list:%d:Flatten, Dense(4000), Dense(10)", i) } // 3.2 million parameters
	two, three := open(large(2)), open(large(3))
	if open(large(3)) != three || open(large(2)) != two {
		t.Error("of two large models one is not kept")
	}
	if open(large(4)); len(l.models.slots) != 2 || open(large(2)) != two || open(large(3)) == three {
		t.Errorf("the least recently used of three large models is kept, of %d", len(l.models.slots))
	}
	n, _ := opened(t, l, list(1))
	first = open(list(1))
	changed := *n
	changed.Version = "other"
	if m, err := l.models.open(&changed, l.test); err != nil || m == first {
		t.Errorf("another version is the same model, error %v", err)
	}
}

// TestTogether: looks from many goroutines, at several networks, epochs and steps, are
// those of one after another.
func TestTogether(t *testing.T) {
	l, h := server(t)
	const small = "list:1:Conv2d(3, 5), Rectify, MaxPool2D(4), Flatten, Dense(10), SoftMax"
	var bodies []string
	for _, key := range []string{"twolayer", small} {
		n, _ := opened(t, l, key)
		bodies = append(bodies, fmt.Sprintf(`{"net":%q,"example":3}`, key), fmt.Sprintf(`{"net":%q,"example":4,"explain":[4]}`, key),
			fmt.Sprintf(`{"net":%q,"example":5,"step":{"as":2,"times":2}}`, key))
		for _, epoch := range n.Epochs {
			bodies = append(bodies, fmt.Sprintf(`{"net":%q,"epoch":%d,"example":6}`, key, epoch))
		}
	}
	want := make([][]byte, len(bodies))
	for i, body := range bodies {
		want[i] = timeless(t, h, body)
	}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for _, i := range rand.New(rand.NewPCG(1, uint64(g))).Perm(len(bodies)) {
				if !bytes.Equal(timeless(t, h, bodies[i]), want[i]) {
					t.Errorf("%s: got another answer", bodies[i])
				}
			}
		})
	}
	all.Wait()
	for i := range want {
		for j := range i {
			if bytes.Equal(want[i], want[j]) {
				t.Errorf("%s and %s have equal answers: the test compares nothing", bodies[i], bodies[j])
			}
		}
	}
}

// timeless is an answer without its times.
func timeless(t *testing.T, h http.Handler, body string) []byte {
	w := post(h, body)
	if w.Code != http.StatusOK {
		t.Errorf("%s: got status %d, %s", body, w.Code, w.Body)
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(body, `{"net":"`), `"`)
	d := describe(t, h, key)
	b := slices.Clone(w.Body.Bytes())
	clear(b[microsAt : microsAt+4])
	for i := range d.Tape {
		at := headerSize + 4*(d.Blocks.Values+numbersOfInstruction*i)
		clear(b[at : at+4])
	}
	return b
}

// TestRandomLists: a list of any layers is a model that can be looked at, or an error
// in words.
func TestRandomLists(t *testing.T) {
	_, h := server(t)
	opened, refused := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		number := rapid.OneOf(rapid.IntRange(1, 6), rapid.SampledFrom([]int{0, -1, 29, 1000, 1 << 40}))
		layer := rapid.Custom(func(r *rapid.T) string {
			name := rapid.SampledFrom([]string{"Conv2d(%d, %d)", "Conv2d(%d, %d).Same().Stride(%d)", "Conv2d(%d, %d).Pad(%d)", "MaxPool2D(%d)", "MaxPool2D(%d).Pad(%d).Stride(%d)", "Dense(%d)", "Rectify", "Rectify", "Flatten", "SoftMax", "Dropout(%d)"}).Draw(r, "kind")
			for strings.Contains(name, "%d") {
				name = strings.Replace(name, "%d", fmt.Sprint(number.Draw(r, "number")), 1)
			}
			return name
		})
		// Half of the lists start with what often fits.
		text := rapid.SampledFrom([]string{"", "Conv2d(2, 5), Rectify, ", "MaxPool2D(3), ", "Flatten, ", "Flatten, Dense(4), "}).Draw(r, "start") +
			strings.Join(rapid.SliceOfN(layer, 1, 5).Draw(r, "layers"), ", ")
		key := fmt.Sprintf("list:%d:%s", rapid.Uint64().Draw(r, "seed"), text)
		w := post(h, fmt.Sprintf(`{"net":%q,"example":1,"explain":[0],"heavy":true,"node":1}`, key))
		switch {
		case w.Code == http.StatusOK:
			opened++
			look(t, h, describe(t, h, key), fmt.Sprintf(`{"net":%q,"example":1,"explain":[0],"heavy":true}`, key))
		case w.Code != http.StatusBadRequest || strings.Count(w.Body.String(), "\n") != 1:
			r.Fatalf("%s: got status %d, %s", key, w.Code, w.Body)
		default:
			refused++
		}
	})
	if opened == 0 || refused == 0 {
		t.Errorf("%d lists fit and %d do not: the test sees one side", opened, refused)
	}
}
