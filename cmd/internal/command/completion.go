package command

import (
	"flag"
	"fmt"
	"strings"
)

// completionFlag declares -completion, which every command has.
func completionFlag(fs *flag.FlagSet) *string {
	shell := new(string)
	fs.Var(Choice(shell, "bash", "zsh", "fish"), "completion", "print a script that completes flags and their values in `shell`: bash, zsh or fish; its first line says how to use it")
	return shell
}

// worded is the value of a flag that a shell can complete to a few words.
type worded interface{ Words() []string }

// completed is what a shell needs to know of a flag.
type completed struct {
	name, kind string
	does       string   // the first part of its help
	words      []string // what its value can be, if that is a few words
	bare       bool     // needs no value, and takes one after = only
}

// files and folder are whether the value is a path, of a folder alone.
func (c completed) files() bool  { return c.kind == "file" || c.kind == "path" }
func (c completed) folder() bool { return c.kind == "folder" }

// completionScript is the script for a shell: bash, zsh or fish.
func completionScript(fs *flag.FlagSet, shell string) string {
	var flags []completed
	fs.VisitAll(func(f *flag.Flag) {
		c := completed{name: f.Name}
		c.kind, c.does = flag.UnquoteUsage(f)
		for _, end := range []string{"; ", ": ", ". ", " ("} {
			c.does, _, _ = strings.Cut(c.does, end)
		}
		if v, ok := f.Value.(worded); ok {
			c.words = v.Words()
		}
		if v, ok := f.Value.(interface{ IsBoolFlag() bool }); ok {
			c.bare = v.IsBoolFlag()
		}
		flags = append(flags, c)
	})
	switch shell {
	case "bash":
		return bashScript(fs.Name(), flags)
	case "zsh":
		return zshScript(fs.Name(), flags)
	}
	return fishScript(fs.Name(), flags)
}

// bashScript completes file names as bash does without a script, and nothing where
// there is nothing to complete to. In -flag=word, bash sees three words.
func bashScript(name string, flags []completed) string {
	var cases strings.Builder
	var names []string
	for _, c := range flags {
		names = append(names, "-"+c.name)
		pattern := "-" + c.name + "="
		if !c.bare {
			pattern += "|-" + c.name
		}
		do := fmt.Sprintf("words='%s'", strings.Join(c.words, " "))
		switch {
		case c.files():
			do = "return"
		case c.folder():
			do = "compopt -o dirnames"
		}
		fmt.Fprintf(&cases, "\t%s) %s ;;\n", pattern, do)
	}
	return fmt.Sprintf(`# Completion of %[1]s in bash: source <(%[1]s -completion bash)
_tapenet_%[1]s() {
	local word=$2 flag=${3/#--/-} words=
	if [[ $flag == = ]]; then
		flag=${COMP_WORDS[COMP_CWORD-2]/#--/-}=
	elif [[ ${COMP_WORDS[COMP_CWORD]} == = ]]; then
		flag+== word=
	fi
	case $flag in
%[2]s	*)
		[[ $word == -* ]] || return
		words='%[3]s' ;;
	esac
	compopt +o default
	COMPREPLY=($(compgen -W "$words" -- "$word"))
} 2>/dev/null # bash 3 has no compopt
complete -o default -F _tapenet_%[1]s %[1]s
`, name, cases.String(), strings.Join(names, " "))
}

// zshScript lets zsh's own _arguments do the work.
func zshScript(name string, flags []completed) string {
	var specs strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `'`, `'\''`)
	for _, c := range flags {
		action := " " // nothing
		switch {
		case c.words != nil:
			action = "(" + strings.Join(c.words, " ") + ")"
		case c.files():
			action = "_files"
		case c.folder():
			action = "_files -/"
		}
		value := "=[%s]:%s:%s"
		if c.bare {
			value = "=-[%s]::%s:%s"
		}
		fmt.Fprintf(&specs, "\t\t'-%s"+value+"' \\\n", c.name, escape.Replace(c.does), c.kind, action)
	}
	return fmt.Sprintf(`# Completion of %[1]s in zsh, after compinit: source <(%[1]s -completion zsh)
_tapenet_%[1]s() {
	_arguments \
%[2]s		'*:file:_files'
}
compdef _tapenet_%[1]s %[1]s
`, name, specs.String())
}

// fishScript has a line for each flag.
func fishScript(name string, flags []completed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %[1]s in fish: %[1]s -completion fish | source\n", name)
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, c := range flags {
		value := " -x" // a value, not a file
		switch {
		case c.bare:
			value = ""
		case c.files():
			value = " -r -F"
		case c.folder():
			value += " -a '(__fish_complete_directories)'"
		case c.words != nil:
			value += " -a '" + strings.Join(c.words, " ") + "'"
		}
		fmt.Fprintf(&b, "complete -c %s -o %s%s -d '%s'\n", name, c.name, value, escape.Replace(c.does))
	}
	return b.String()
}
