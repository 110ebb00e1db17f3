package command

import (
	"bytes"
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

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
		"-toggle false": `unexpected argument "false": flags begin with - and take their value after a space or =`,
	} {
		var v values
		var stdout, stderr bytes.Buffer
		_, err := Parse(v.flags(), strings.Fields(args), "", &stdout)
		if status := Status("test", &stderr, err); status != WrongUsage || stderr.String() != "test: "+want+"\n" || stdout.Len() > 0 {
			t.Errorf("%s: got exit status %d, %q and %q, want %q", args, status, &stderr, &stdout, want)
		}
		v.toggle = false // the flag before an argument was no mistake
		if v != (values{count: 3, seed: 1, choice: "b"}) {
			t.Errorf("%s: got %v, want the defaults", args, v)
		}
	}
}

// TestParseHelp: the help has the defaults, whatever was set before -h, and none
// that is nothing.
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
