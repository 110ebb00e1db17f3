package main

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"tapenet/cmd/compare/internal/report"
	"tapenet/graph"
)

// origin describes a report that a command line makes at a time.
func origin(args []string, now time.Time) report.Origin {
	words := []string{"compare"}
	for _, a := range args {
		words = append(words, quote(a))
	}
	return report.Origin{Command: strings.Join(words, " "), Date: now.UTC().Format("2006-01-02 15:04 UTC"), Program: program()}
}

// plain is a word that a shell takes as it is.
var plain = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// quote writes an argument as a shell reads it.
func quote(arg string) string {
	if plain.MatchString(arg) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// program names the versions of this program and of Gorgonia, as far as the
// program knows them, and what it was built and runs with.
func program() string {
	text := fmt.Sprintf("%s, %s/%s, %s kernels", runtime.Version(), runtime.GOOS, runtime.GOARCH, graph.Level())
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version = s.Value[:min(12, len(s.Value))]
		}
	}
	text = fmt.Sprintf("%s %s, %s", info.Main.Path, version, text)
	for _, d := range info.Deps {
		if d.Path == "gorgonia.org/gorgonia" {
			text += ", Gorgonia " + d.Version
		}
	}
	return text
}
