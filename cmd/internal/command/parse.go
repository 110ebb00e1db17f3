package command

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// Group is a part of the flags under a title of its own, in the help of a command
// that has many.
type Group struct {
	Title string
	Flags []string // their names, in the order of the help
}

// Parse reads the flags of a command line and returns the names of those that
// it sets. If the command line asks for help, Parse writes help and the list of
// flags to stdout, and the error is flag.ErrHelp; so it is after the script that
// -completion asks for, a flag of every command. Any other error is one of Usagef.
// Flags that no group has are at the end of the last one.
func Parse(fs *flag.FlagSet, args []string, help string, stdout io.Writer, groups ...Group) (set map[string]bool, err error) {
	set, rest, err := ParseArgs(fs, args, help, stdout, groups...)
	if err == nil && len(rest) > 0 {
		return nil, Usagef("unexpected argument %q: flags begin with - and take their value after = or a space; one that needs none, after = only", rest[0])
	}
	return set, err
}

// ParseArgs is [Parse] for a command that takes arguments beside its flags, and
// returns those too. They may come before, between and after the flags; after --
// everything is an argument.
func ParseArgs(fs *flag.FlagSet, args []string, help string, stdout io.Writer, groups ...Group) (set map[string]bool, rest []string, err error) {
	fs.SetOutput(io.Discard) // Status writes the error
	completion := completionFlag(fs)
	for len(args) > 0 {
		switch err := fs.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			writeHelp(stdout, help, fs, groups)
			return nil, nil, err
		case err != nil:
			return nil, nil, explain(fs, err)
		}
		read := args[:len(args)-fs.NArg()]
		args = fs.Args()
		if len(read) > 0 && read[len(read)-1] == "--" {
			rest, args = append(rest, args...), nil
		} else if len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	if *completion != "" {
		io.WriteString(stdout, completionScript(fs, *completion))
		return nil, nil, flag.ErrHelp
	}
	set = map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set, rest, nil
}

// The columns of the help.
const (
	helpColumns = 80
	helpIndent  = "      " // of what a flag does
)

// writeHelp writes help and then every flag: its name, what its value is, what it
// does and its default.
func writeHelp(w io.Writer, help string, fs *flag.FlagSet, groups []Group) {
	if groups == nil {
		groups = []Group{{Title: "Flags"}}
	}
	groups = slices.Clone(groups)
	last := &groups[len(groups)-1]
	fs.VisitAll(func(f *flag.Flag) {
		if !slices.ContainsFunc(groups, func(g Group) bool { return slices.Contains(g.Flags, f.Name) }) {
			last.Flags = append(slices.Clone(last.Flags), f.Name)
		}
	})
	io.WriteString(w, help)
	for _, g := range groups {
		fmt.Fprintf(w, "\n%s:\n", g.Title)
		for _, name := range g.Flags {
			f := fs.Lookup(name)
			kind, usage := flag.UnquoteUsage(f)
			words := strings.Fields(usage)
			if !slices.Contains([]string{"", "0", "0s", "false"}, f.DefValue) {
				words = append(words, "(default "+f.DefValue+")") // in one line
			}
			fmt.Fprintf(w, "  %s\n%s\n", strings.TrimSpace("-"+name+" "+kind), wrap(words))
		}
	}
}

// wrap puts words into lines that have the indent and no more than the columns of
// the help.
func wrap(words []string) string {
	var b strings.Builder
	column := helpColumns
	for _, w := range words {
		n := utf8.RuneCountInString(w)
		switch {
		case column+1+n <= helpColumns:
			b.WriteString(" ")
			column += 1 + n
		case b.Len() > 0:
			b.WriteString("\n")
			fallthrough
		default:
			b.WriteString(helpIndent)
			column = len(helpIndent) + n
		}
		b.WriteString(w)
	}
	return b.String()
}

// explain is the error of a command line that fs cannot parse. It names the flag
// that is most like one that is not there, if any is.
func explain(fs *flag.FlagSet, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return Usagef("%v", err)
	}
	like, least := "", 3 // more than two letters apart, or half of all, is another word
	fs.VisitAll(func(f *flag.Flag) {
		if d := distance(name, f.Name); d < least && 2*d < len(name) {
			like, least = f.Name, d
		}
	})
	if like == "" {
		return Usagef("%v; run %s -h", err, fs.Name())
	}
	return Usagef("%v; did you mean -%s? If not, run %s -h", err, like, fs.Name())
}

// distance is how many bytes must be put in, left out or replaced to make b of a
// (Levenshtein's distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of a[:i] to each b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
