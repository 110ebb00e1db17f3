package fit

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/models"
)

// declared are the flags that the command reads.
func declared() (flags []*flag.Flag) {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	new(options).flags(fs)
	fs.VisitAll(func(f *flag.Flag) { flags = append(flags, f) })
	return flags
}

// TestHelp: -h has the usage, and every flag once, with the kind of its value,
// what it does and its default.
func TestHelp(t *testing.T) {
	var out bytes.Buffer
	err := run(context.Background(), "TwoLayer", models.TwoLayer, []string{"-h"}, &out, io.Discard)
	if !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got error %v, want %v", err, flag.ErrHelp)
	}
	help := out.String()
	for _, want := range []string{"Usage: twolayer [flags]\n", " network of 22046 parameters on MNIST "} {
		if !strings.Contains(help, want) {
			t.Errorf("-h does not say %q:\n%s", want, help)
		}
	}
	entries := map[string]string{} // text by flag
	for _, entry := range regexp.MustCompile(`(?m)^  (-\S+)(.*\n)((?:      .*\n)+)`).FindAllStringSubmatch(help, -1) {
		if entries[entry[1]] != "" {
			t.Errorf("-h has %s twice", entry[1])
		}
		entries[entry[1]] = entry[2] + strings.Join(strings.Fields(entry[3]), " ")
	}
	delete(entries, "-completion") // of every command
	flags := declared()
	if len(entries) != len(flags) {
		t.Errorf("-h has %d flags, the command %d", len(entries), len(flags))
	}
	for _, f := range flags {
		kind, usage := flag.UnquoteUsage(f)
		if kind != "" {
			kind = " " + kind
		}
		want := kind + "\n" + usage
		switch f.DefValue {
		case "", "0", "0s", "false": // not shown
		default:
			want += " (default " + f.DefValue + ")"
		}
		if got := entries["-"+f.Name]; got != want {
			t.Errorf("-%s: got %q, want %q", f.Name, got, want)
		}
	}
}

// TestGroups: every flag is in one group, and the help has the groups in order.
func TestGroups(t *testing.T) {
	var grouped, want []string
	for _, g := range groups {
		grouped = append(grouped, g.Flags...)
	}
	for _, f := range declared() {
		want = append(want, f.Name)
	}
	if slices.Sort(grouped); !slices.Equal(grouped, want) {
		t.Errorf("the groups have %q, the command %q", grouped, want)
	}
	var out bytes.Buffer
	run(context.Background(), "TwoLayer", models.TwoLayer, []string{"-h"}, &out, io.Discard)
	titles := regexp.MustCompile(`(?m)^[A-Z][a-z ]+:$`).FindAllString(out.String(), -1)
	if got, want := strings.Join(titles, " "), "Training: Data: Weights and checkpoints: Output:"; got != want {
		t.Errorf("got the titles %q, want %q", got, want)
	}
}

// TestReadmeHasTheFlags: README's table has every flag of the command, no other,
// and the defaults.
func TestReadmeHasTheFlags(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "\n| flag | default | meaning |\n|---|---|---|\n")
	if !ok {
		t.Fatal("README has no table of flags")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	flags := map[string]string{} // default by flag
	for _, f := range declared() {
		flags[f.Name] = f.DefValue
	}
	words := map[string]string{"workers": "all cores", "data": "MNIST", "limit": "0, all", "checkpoint-every": "", "validation": "", "patience": "", "min-delta": "", "resume-lr": ""} // for which README has other words
	name := regexp.MustCompile("`-([a-z-]+)")
	for _, row := range strings.Split(table, "\n") {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		var defaults []string
		for _, m := range name.FindAllStringSubmatch(cells[0], -1) {
			value, ok := flags[m[1]]
			if !ok {
				t.Errorf("README has -%s, which the command has not, or has it twice", m[1])
			}
			delete(flags, m[1])
			if word, ok := words[m[1]]; ok {
				value = word
			}
			if value != "" {
				defaults = append(defaults, value)
			}
		}
		if want := strings.Join(defaults, ", "); len(cells) != 3 || strings.TrimSpace(cells[1]) != want {
			t.Errorf("%q: want the default %q", row, want)
		}
	}
	for f := range flags {
		t.Errorf("README's table does not have -%s", f)
	}
}
