package graph

import (
	"reflect"
	"unsafe"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// runAll executes a tape machine's program as Gorgonia documents it. It hands
// the work to a new goroutine and waits for it, which takes 0.1 ms, and 2 ms when
// several machines run at once.
func runAll(vm G.VM) func() error {
	return func() error {
		defer vm.Reset() // without it the next run would execute nothing
		return vm.RunAll()
	}
}

// inCaller executes a tape machine's program in the goroutine that calls it, by
// the machine's public method run, which takes 20 µs. F is Gorgonia's type of a
// list of instructions, which it does not export but lets us infer; the one
// thing that it does not hand out is the program's own list, read here by the
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
