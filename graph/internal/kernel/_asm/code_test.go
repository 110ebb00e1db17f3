package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestCode: LLVM assembles the comment of every instruction in bytes to these bytes.
func TestCode(t *testing.T) {
	assembler, err := exec.LookPath("llvm-mc")
	if err != nil {
		t.Skip("llvm-mc is not installed")
	}
	source, err := os.ReadFile("../kernel_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	var texts, codes []string
	for _, m := range regexp.MustCompile(`\t// (.*)\n((?:\tBYTE +\$0x..\n)+)`).FindAllStringSubmatch(string(source), -1) {
		texts = append(texts, m[1])
		codes = append(codes, strings.Join(regexp.MustCompile(`0x..`).FindAllString(m[2], -1), ","))
	}
	if len(codes) == 0 {
		t.Fatal("kernel_amd64.s has no instruction in bytes")
	}
	c := exec.Command(assembler, "-triple=x86_64", "-mattr=+amx-bf16,+avx512bf16", "-show-encoding")
	c.Stdin = strings.NewReader(strings.Join(texts, "\n"))
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	encodings := regexp.MustCompile(`encoding: \[(.*)\]`).FindAllStringSubmatch(string(out), -1)
	if len(encodings) != len(texts) {
		t.Fatalf("llvm-mc gave %d encodings of %d instructions", len(encodings), len(texts))
	}
	for i, e := range encodings {
		if e[1] != codes[i] {
			t.Errorf("%s: got %s, want %s", texts[i], codes[i], e[1])
		}
	}
}
