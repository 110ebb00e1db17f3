package data

import (
	"regexp"
	"strings"
)

const (
	ten     = "0123456789"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	small   = "abcdefghijklmnopqrstuvwxyz"
)

// emnistClasses are the characters of EMNIST's splits, in the order of the
// labels, which start from 1 in letters. Where capital and small letters look
// alike, a split has them as one class.
var emnistClasses = map[string]string{
	"balanced": ten + capital + "abdefghnqrt",
	"byclass":  ten + capital + small,
	"bymerge":  ten + capital + "abdefghnqrt",
	"digits":   ten,
	"letters":  capital,
	"mnist":    ten,
}

// knowEMNIST sets what the names of EMNIST's files tell of the data.
func (s *source) knowEMNIST(prefix string, transpose bool) {
	m := regexp.MustCompile(`(?i)^emnist[-_. ]([a-z]+)`).FindStringSubmatch(prefix)
	if m == nil {
		return
	}
	if chars := emnistClasses[strings.ToLower(m[1])]; chars != "" {
		s.names, s.fromOne = strings.Split(chars, ""), strings.EqualFold(m[1], "letters")
	}
	if !transpose {
		s.notes = append(s.notes, "EMNIST's images lie on their side; -transpose turns them")
	}
}
