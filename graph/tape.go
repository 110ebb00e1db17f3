package graph

import (
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// runAll returns a function that executes a tape machine's program as Gorgonia
// documents it: in a new goroutine, waiting for it. That takes 0.1 ms, and 2 ms
// when several machines run at once.
func runAll(vm G.VM) func() error {
	return func() error {
		defer vm.Reset() // without it the next run would execute nothing
		return vm.RunAll()
	}
}

// inCaller returns a function that executes a tape machine's program in the
// goroutine that calls it, which takes 20 µs. run is the machine's public method
// Run. Gorgonia exports neither the type of its argument, a list of instructions,
// nor the list of a program: the type F is inferred, and the list is read by the
// name of its field (gorgonia's vm_tape.go and compile.go).
//
// All ops must own their results: registers keep their values between the runs,
// and an op that takes a preallocated value would be handed its last one.
func inCaller[F any](run func(F) error, program any) (func() error, error) {
	list := reflect.ValueOf(program).Elem().FieldByName("instructions")
	if !list.IsValid() || list.Type() != reflect.TypeFor[F]() {
		return nil, errors.Errorf("gorgonia's program has no field instructions of type %v", reflect.TypeFor[F]())
	}
	instructions := *(*F)(unsafe.Pointer(list.UnsafeAddr()))
	return func() error { return run(instructions) }, nil
}

// module starts the names of this module's functions.
var module = strings.TrimSuffix(reflect.TypeFor[Machine]().PkgPath(), "graph")

// faultOfOurs reports whether the panic under way comes from a function of this
// module, or of the standard library that it called, and not from Gorgonia.
// Only a deferred function can ask.
func faultOfOurs() bool {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		first, _, inPackage := strings.Cut(frame.Function, "/")
		standard := !inPackage || !strings.Contains(first, ".") // no dot in the first part of the path
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && strings.HasPrefix(frame.Function, module):
			return true
		case panicking && !standard || !more:
			return false
		}
	}
}
