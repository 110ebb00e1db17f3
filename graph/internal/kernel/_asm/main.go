// Command _asm writes the assembly of package kernel: for amd64 with avo, for arm64, which avo does not know, with a
// writer of its own. Run it by
//
//	go generate ./graph/internal/kernel
//
// A kernel is a few nested loops over registers. Its doc comment names the Go function that computes the same, in the
// file of the same name; Go cuts the work into blocks of the shapes that the assembly has.
package main

import (
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64,!noasm")

	for s := 1; s <= 6; s++ {
		for h := 1; h <= 2; h++ {
			for z := 1; z <= 2; z++ {
				tile(zmm, h, s, z)
				tile(zmmFull, h, s, z)
				if h*s*z <= 12 {
					tile(avx2, h, s, z)
					tile(avx2Full, h, s, z)
				}
			}
			tile(ymm, h, s, 1)
		}
	}
	for windows := 1; windows <= 3; windows++ {
		for z := 1; z <= 2; z++ {
			pool(zmm, windows, z)
			pool(zmmFull, windows, z)
			poolLine(zmm, 3, windows, z)
			if windows*z <= 3 {
				pool(avx2, windows, z)
				pool(avx2Full, windows, z)
			}
		}
		pool(ymm, windows, 1)
		poolLine(zmm, 5, windows, 1)
	}
	for rows := 1; rows <= 6; rows++ {
		for vecs := 1; vecs <= 6; vecs++ {
			if rows > 3 && vecs > 1 {
				continue
			}
			if rows <= 3 {
				gather(zmm, rows, vecs)
			}
			if vecs <= 4 {
				gather(avx2, rows, vecs)
				gather(avx2Full, rows, vecs)
			}
		}
	}
	for rows := 1; rows <= 3; rows++ {
		for vecs := 1; vecs <= 4; vecs++ {
			if vecs <= 2 {
				scatter(zmm, rows, vecs)
			}
			scatter(avx2, rows, vecs)
			scatter(avx2Full, rows, vecs)
		}
	}
	listsZMM()
	listsAVX2()
	for k := 3; k <= 5; k++ {
		winner(zmm, k)
		winner(avx2, k)
	}
	quadsAVX2()
	quadsZMM()

	poolMax()
	unpool()
	entries()
	rectify()
	prefetch()
	scaleBytes()
	transpose()
	nonzero()
	for lanes := 1; lanes <= 8; lanes *= 2 {
		adam(lanes)
	}
	multiplyAdds(zmm)
	multiplyAdds(avx2)
	sums64()
	Generate()
	if err := tables.write("../tables_amd64.go"); err != nil {
		log.Fatal(err)
	}
	if err := arm64().write(); err != nil {
		log.Fatal(err)
	}
}

// arm64 returns the functions of NEON.
func arm64() *neon {
	n := &neon{}
	for vecs, rows := range [][2]int{1: {6, 3}, 2: {6, 3}, 3: {4, 2}, 4: {3, 1}} { // of a tile, and windows of a pool
		for _, narrow := range []bool{false, true} {
			if narrow && vecs != 1 {
				continue
			}
			for h := 1; h <= 2; h++ {
				for s := 1; s <= rows[0]; s++ {
					n.tile(h, s, vecs, narrow)
				}
			}
			for windows := 1; windows <= rows[1]; windows++ {
				n.pool(windows, vecs, narrow)
			}
		}
	}
	for vecs := 1; vecs <= 8; vecs++ {
		for rows := 1; rows <= 6; rows++ {
			if rows <= 3 || vecs <= 2 {
				n.gather(rows, vecs, false)
			}
			if rows <= 3 {
				n.scatter(rows, vecs, false)
			}
		}
	}
	for rows := 1; rows <= 6; rows++ {
		n.gather(rows, 1, true)
		if rows <= 3 {
			n.scatter(rows, 1, true)
		}
	}
	n.entries()
	n.poolMax()
	n.unpool()
	n.rectify()
	n.scaleBytes()
	n.transpose()
	n.greatest()
	n.nonzero()
	for lanes := 1; lanes <= 8; lanes *= 2 {
		n.adam(lanes)
	}
	n.multiplyAdds()
	return n
}
