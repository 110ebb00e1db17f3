package graph

import (
	"reflect"
	"runtime"
	"strings"
)

// module is how the names of this module's functions begin.
var module = strings.TrimSuffix(reflect.TypeFor[Machine]().PkgPath(), "graph")

// faultOfOurs is whether the panic under way comes from a function of this
// module, or of the standard library that it called, and not from Gorgonia.
// Only a deferred function can ask.
func faultOfOurs() bool {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && strings.HasPrefix(frame.Function, module):
			return true
		case panicking && !standard(frame.Function):
			return false
		}
		if !more {
			return false
		}
	}
}

// standard is whether a function is of Go's standard library: the first part of
// its package's path has no dot.
func standard(function string) bool {
	first, _, more := strings.Cut(function, "/")
	return !more || !strings.Contains(first, ".")
}
