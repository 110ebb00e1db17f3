package browser

import (
	"strings"
	"testing"

	"tapenet/mnist/scan"
)

// banner is an expression: the line over the page.
const banner = `document.getElementById("banner").hidden ? "" : document.getElementById("banner").textContent`

// TestServerAway ends the server and starts it again: the page says so, asks again for what
// it has shown last, and keeps the drawing.
func TestServerAway(t *testing.T) {
	if chrome == nil {
		open(t, "") // says why it is skipped
	}
	s, err := start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.stop() }()
	b := openOn(t, s, "")
	b.settle()
	b.allow("net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE")
	away := func(act func()) {
		t.Helper()
		s.stop()
		act()
		b.until(`(` + banner + `) === "The server does not answer; trying again…"`)
		if s, err = start(strings.TrimPrefix(s.address, "http://")); err != nil {
			t.Fatal(err)
		}
		b.until(`(` + banner + `) === ""`)
		b.settle()
	}

	away(func() { b.keys("e") })
	want := digit(t, 5) // the second example
	for i, v := range b.floats(`return [...look.current.value("x")]`) {
		if v != want[i] {
			t.Fatalf("pixel %d of the example that was asked for: got %v, want %v", i, v, want[i])
		}
	}

	b.click(".pads button:nth-child(2)") // Clear
	b.settle()
	var drawn [][]scan.Point
	away(func() {
		drawn = b.draw(seven)
		b.until(`(` + banner + `) !== ""`)
		drawn = append(drawn, b.draw([][]scan.Point{{{X: 0.35, Y: 0.5}, {X: 0.5, Y: 0.5}, {X: 0.65, Y: 0.5}}})...)
	})
	b.reads(7, drawn)
}

// TestNoSuchNetwork: a link to a network that the server has not shows why, and OneLayer.
func TestNoSuchNetwork(t *testing.T) {
	b := open(t, "#net=file")
	b.allow("404", "400") // the browser tells of the failed request
	b.until(`look.current?.model.key === "onelayer"`)
	if got := b.text(`return ` + banner); !strings.Contains(got, "file") {
		t.Errorf("got banner %q, want what is wrong with the network file", got)
	}
}
