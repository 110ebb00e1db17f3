package graph

import (
	"reflect"
	"runtime"
	"strings"
)

// module is how the names of this module's functions begin.
var module = strings.TrimSuffix(reflect.TypeFor[Machine]().PkgPath(), "graph")

// faultOfOurs is whether the panic under way comes from a function of this
// module, not from Gorgonia. Only a deferred function can ask.
func faultOfOurs() bool {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(frame.Function, "runtime."):
			return strings.HasPrefix(frame.Function, module)
		}
		if !more {
			return false
		}
	}
}
