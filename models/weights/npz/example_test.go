package npz_test

import (
	"fmt"
	"log"
	"os"

	"tapenet/models/weights/npz"
)

func ExampleFile_Read() {
	r, err := os.Open("testdata/orders.npz")
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		log.Fatal(err)
	}
	f, err := npz.Open(r, info.Size())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Names())
	a, err := f.Read("column")
	fmt.Println(a.Type, a.Shape, a.Values(), err)
	// Output:
	// [c fortran fortran_big column scalar none none_fortran ones]
	// |u1 [5 1] [0 1 2 3 4] <nil>
}
