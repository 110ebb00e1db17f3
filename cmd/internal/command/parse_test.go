package command

import (
	"bytes"
	"flag"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

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
		"-bogus":        "flag provided but not defined: -bogus; run test -h",
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
  -completion shell
      print a script that completes flags and their values in shell: bash, zsh
      or fish; its first line says how to use it
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

// TestHelpGroups: the help has the groups in order, and the flags of each in the
// order of the group; what no group has is at the end of the last.
func TestHelpGroups(t *testing.T) {
	var v values
	var stdout bytes.Buffer
	groups := []Group{{"What", []string{"toggle", "count"}}, {"How", []string{"seed", "choice", "name"}}}
	if _, err := Parse(v.flags(), []string{"-h"}, "", &stdout, groups...); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got error %v", err)
	}
	got := regexp.MustCompile(`(?m)^[A-Z].*:|^  -\w+`).FindAllString(stdout.String(), -1)
	if got, want := strings.Join(got, ""), "What:  -toggle  -countHow:  -seed  -choice  -name  -completion"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(groups[1].Flags) != 3 {
		t.Errorf("the caller's group has become %q", groups[1].Flags)
	}
}

// TestWrap: lines are filled, and none is wider than the help; a word that is alone
// wider has a line of its own.
func TestWrap(t *testing.T) {
	long := strings.Repeat("·", 74)
	for _, test := range []struct{ words, want string }{
		{"a b", "      a b"},
		{"a " + long[2:] + " b", "      a\n      " + long[2:] + "\n      b"},
		{long[4:] + " b " + long, "      " + long[4:] + " b\n      " + long},
		{long + "c d", "      " + long + "c\n      d"},
	} {
		if got := wrap(strings.Fields(test.words)); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

// TestDidYouMean: a flag that is not there is answered with the one that is most
// like it, if any is.
func TestDidYouMean(t *testing.T) {
	for name, want := range map[string]string{
		"counts": "count", "cout": "count", "coutn": "count", "-count": "", "Seed": "seed", "sed": "seed", "chioce": "choice", "toggel=false": "toggle",
		"n": "", "x": "", "bogus": "", "names": "name", "nam": "name", "completions": "completion", "sxx": "", "sxxd": "", "county-x": "",
	} {
		var v values
		text := "flag provided but not defined: -" + strings.TrimSuffix(name, "=false")
		if want != "" {
			text += "; did you mean -" + want + "? If not, run test -h"
		} else {
			text += "; run test -h"
		}
		if name == "-count" { // --count is -count
			text = "flag needs an argument: -count"
		}
		if _, err := Parse(v.flags(), []string{"-" + name}, "", io.Discard); err == nil || err.Error() != text {
			t.Errorf("-%s: got %v, want %s", name, err, text)
		}
	}
}

// TestDistance: the values are those of the definition by recursion.
func TestDistance(t *testing.T) {
	var define func(a, b string) int
	define = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		replaced := define(a[1:], b[1:])
		if a[0] != b[0] {
			replaced++
		}
		return min(replaced, define(a[1:], b)+1, define(a, b[1:])+1)
	}
	words := []string{"", "a", "seed", "seeds", "esed", "deed", "epoch", "epochs", "hope"}
	for _, a := range words {
		for _, b := range words {
			if got, want := distance(a, b), define(a, b); got != want {
				t.Errorf("%q, %q: got %d, want %d", a, b, got, want)
			}
		}
	}
}
