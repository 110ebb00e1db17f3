package command

import (
	"bytes"
	"context"
	"flag"
	"io"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/errors"
)

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
		line string
	}{
		{nil, 0, ""},
		{flag.ErrHelp, 0, ""},
		{errors.New("disk full"), 1, "bench: disk full\n"},
		{errors.WithMessage(Usagef("want at most %d", 7), "-limit 8"), 2, "bench: -limit 8: want at most 7\n"},
		{errors.WithMessage(Interruptedf("after %d steps", 3), "fit"), 130, "bench: fit: after 3 steps\n"},
	} {
		var stderr bytes.Buffer
		if got := Status("bench", &stderr, test.err); got != test.want || stderr.String() != test.line {
			t.Errorf("%v: got exit status %d and %q, want %d and %q", test.err, got, &stderr, test.want, test.line)
		}
	}
}

// TestWaitLeavesStuckWork: Wait returns early only after a signal, and only if the
// work is stuck.
func TestWaitLeavesStuckWork(t *testing.T) {
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	stuck := make(chan struct{})
	defer close(stuck)
	begun := make(chan struct{})
	go func() { <-begun; signal() }()
	err := Wait(ctx, "reading p", func() error { close(begun); <-stuck; return nil })
	if got := Status("c", io.Discard, err); got != Interrupted || err.Error() != "interrupted while reading p" {
		t.Errorf("got exit status %d and %v, want %d", got, err, Interrupted)
	}
}

// TestWaitReturnsTheError: the error is that of the work, even if it ends after
// the signal.
func TestWaitReturnsTheError(t *testing.T) {
	want := errors.New("full")
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	for range 2 {
		if err := Wait(ctx, "writing", func() error { return want }); err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		if err := Wait(ctx, "writing", func() error { return nil }); err != nil {
			t.Errorf("got %v, want no error", err)
		}
		signal()
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"accuracy 0.98 ± 0.01": "accuracy 0.98 ± 0.01",
		`C:\new "folder"`:      `C:\new "folder"`,
		"Zoë, 5 µs, a·b, 手書き　数字, 🙂, é": "Zoë, 5 µs, a·b, 手書き　数字, 🙂, é", // the last é is a letter and a mark
		"no\u00a0break":            "no\u00a0break",
		"\ufffd":                   "\ufffd", // itself, not a byte that could not be read
		"\x1b]0;pwn\x07":           `\x1b]0;pwn\a`,
		"a\nb\r\tc\x00":            `a\nb\r\tc\x00`,
		"\x7f":                     `\x7f`,
		"\u009b2J\u0085":           `\u009b2J\u0085`,
		"\x9b2J":                   `\x9b2J`,
		"\xff\xc3(":                `\xff\xc3(`,
		"\u202egpj.exe\u2066":      `\u202egpj.exe\u2066`,
		"\u2028\u2029\u200b\ufeff": `\u2028\u2029\u200b\ufeff`,
		"\U000e0041":               `\U000e0041`,
	} {
		if got := Printable(text); got != want || Printable(got) != want {
			t.Errorf("%q: got %q, then %q, want %q", text, got, Printable(got), want)
		}
	}
}

// TestPrintableRunes: of all runes, no control or format character and no line
// break gets through, and no letter, number or symbol is changed.
func TestPrintableRunes(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		got := Printable(string(r))
		hidden := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
		shown := unicode.In(r, unicode.L, unicode.N, unicode.S)
		if hidden && (got == string(r) || got[0] != '\\') || shown && got != string(r) {
			t.Errorf("%U: got %q", r, got)
		}
	}
}

// TestStatusOneLine: whatever an error says, Status writes one line without
// control characters.
func TestStatusOneLine(t *testing.T) {
	var stderr bytes.Buffer
	Status("bench", &stderr, errors.New("open \x1b[2J\nbench: all is well\r\u202e\xff"))
	if got, want := stderr.String(), `bench: open \x1b[2J\nbench: all is well\r\u202e\xff`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
