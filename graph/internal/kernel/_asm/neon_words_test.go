package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestWords: LLVM assembles the comment of every word to the word.
func TestWords(t *testing.T) {
	assembler, err := exec.LookPath("llvm-mc")
	if err != nil {
		t.Skip("llvm-mc is not installed")
	}
	source, err := os.ReadFile("../kernel_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{} // by comment
	for _, m := range regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`).FindAllStringSubmatch(string(source), -1) {
		if w, ok := words[m[2]]; ok && w != m[1] {
			t.Errorf("%s is %s and %s", m[2], w, m[1])
		}
		words[m[2]] = m[1]
	}
	var texts []string
	for text := range words {
		texts = append(texts, text)
	}
	if len(texts) < len(threeVectors)+len(twoVectors) {
		t.Fatalf("kernel_arm64.s has %d words", len(texts))
	}
	c := exec.Command(assembler, "-triple=aarch64", "-show-encoding")
	c.Stdin = strings.NewReader(strings.Join(texts, "\n"))
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	encodings := regexp.MustCompile(`encoding: \[0x(..),0x(..),0x(..),0x(..)\]`).FindAllStringSubmatch(string(out), -1)
	if len(encodings) != len(texts) {
		t.Fatalf("llvm-mc gave %d encodings of %d words", len(encodings), len(texts))
	}
	for i, e := range encodings {
		if want := e[4] + e[3] + e[2] + e[1]; words[texts[i]] != want {
			t.Errorf("%s: got %s, want %s", texts[i], words[texts[i]], want)
		}
	}
}
