package command

import (
	"bytes"
	"context"
	"flag"
	"io"
	"maps"
	"slices"
	"strings"
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

// values has a flag of each kind.
type values struct {
	count  int
	seed   uint64
	toggle bool
	name   string
	choice string
}

func (v *values) flags() *flag.FlagSet {
	*v = values{count: 3, seed: 1, choice: "b"}
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.Var(Count(&v.count, 1), "count", "do it `N` times")
	fs.Var(Seed(&v.seed), "seed", "a `number`")
	fs.Var(Toggle(&v.toggle), "toggle", "do it too")
	fs.Var(Name(&v.name), "name", "write `file`")
	fs.Var(Choice(&v.choice, "a", "b", "c"), "choice", "do `what`")
	return fs
}

func TestParse(t *testing.T) {
	for args, want := range map[string]struct {
		values
		set string
	}{
		"":                              {values{3, 1, false, "", "b"}, ""},
		"-count 1 -seed 0 -choice c":    {values{1, 0, false, "", "c"}, "choice count seed"},
		"-toggle -name x --choice=b":    {values{3, 1, true, "x", "b"}, "choice name toggle"},
		"-toggle=false -count 3":        {values{3, 1, false, "", "b"}, "count toggle"},
		"-seed 18446744073709551615":    {values{3, 1<<64 - 1, false, "", "b"}, "seed"},
		"-count 2 -count 5 -name a -- ": {values{5, 1, false, "a", "b"}, "count name"},
	} {
		var got values
		var stdout bytes.Buffer
		set, err := Parse(got.flags(), strings.Fields(args), "", &stdout)
		names := strings.Join(slices.Sorted(maps.Keys(set)), " ")
		if err != nil || got != want.values || names != want.set || stdout.Len() > 0 {
			t.Errorf("%q: got %v, set %q, error %v, %q; want %v", args, got, names, err, &stdout, want)
		}
	}
}

// TestParseArgs: arguments stand anywhere; after -- all are arguments.
func TestParseArgs(t *testing.T) {
	for args, want := range map[string]string{
		"":                              "",
		"x":                             "x",
		"x -count 5 y -toggle z":        "x y z",
		"-count 5 x -toggle":            "x",
		"x -count 5 -toggle -- -y z -h": "x -y z -h",
	} {
		var v values
		_, rest, err := ParseArgs(v.flags(), strings.Fields(args), "", io.Discard)
		if set := strings.Contains(args, "-count"); err != nil || strings.Join(rest, " ") != want || set != (v.count == 5) || set != v.toggle {
			t.Errorf("%q: got %q, %v, error %v", args, rest, v, err)
		}
	}
	var v values
	if _, _, err := ParseArgs(v.flags(), []string{"x", "-bogus"}, "", io.Discard); Status("test", io.Discard, err) != WrongUsage {
		t.Errorf("-bogus after x: got error %v", err)
	}
}

// TestParseErrors: the error has exit status 2 and says what is wanted; a value
// that is refused is not set.
func TestParseErrors(t *testing.T) {
	for args, want := range map[string]string{
		"-bogus":        "flag provided but not defined: -bogus",
		"-count":        "flag needs an argument: -count",
		"-count 0":      `invalid value "0" for flag -count: want a whole number, at least 1`,
		"-count 1e3":    `invalid value "1e3" for flag -count: want a whole number, at least 1`,
		"-seed -1":      `invalid value "-1" for flag -seed: want a whole number from 0 to 18446744073709551615`,
		"-toggle=maybe": `invalid boolean value "maybe" for -toggle: want true or false`,
		"-name=":        `invalid value "" for flag -name: want a name`,
		"-choice d":     `invalid value "d" for flag -choice: want a, b or c`,
		"-toggle false": `unexpected argument "false": flags begin with - and take their value after = or a space; one that needs none, after = only`,
	} {
		var v values
		var stdout, stderr bytes.Buffer
		_, err := Parse(v.flags(), strings.Fields(args), "", &stdout)
		if status := Status("test", &stderr, err); status != WrongUsage || stderr.String() != "test: "+want+"\n" || stdout.Len() > 0 {
			t.Errorf("%s: got exit status %d, %q and %q, want %q", args, status, &stderr, &stdout, want)
		}
		v.toggle = false // -toggle itself is right
		if v != (values{count: 3, seed: 1, choice: "b"}) {
			t.Errorf("%s: got %v, want the defaults", args, v)
		}
	}
}

// TestParseHelp: the help has the defaults, whatever was set before -h, but no
// empty ones.
func TestParseHelp(t *testing.T) {
	const want = `Usage: test [flags]

Flags:
  -choice what
    	do what (default b)
  -count N
    	do it N times (default 3)
  -name file
    	write file
  -seed number
    	a number (default 1)
  -toggle
    	do it too
`
	var v values
	var stdout bytes.Buffer
	_, err := Parse(v.flags(), []string{"-count", "9", "-h"}, "Usage: test [flags]\n", &stdout)
	if !errors.Is(err, flag.ErrHelp) || stdout.String() != want {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, &stdout, want)
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
