package train

// MaxWorkers is how many workers can share a batch: the most lanes it has.
const MaxWorkers = 8

// maxImages is the largest micro-batch; from about 50 images on, more gain no speed.
const maxImages = 64

// lanes is how a batch is cut: micro-batch k has images [k*images,
// (k+1)*images) and belongs to lane k % lanes. It depends on the size of the
// batch alone, and the number of lanes is a power of two.
type lanes struct{ lanes, images int }

func cut(batch int) lanes {
	n := 1
	for n < MaxWorkers && batch > n*maxImages {
		n *= 2
	}
	if n == 1 && batch >= 16 {
		n = 2 // small batches are worth two workers from about here
	}
	runs := ceil(batch, n*maxImages)
	return lanes{n, ceil(batch, n*runs)}
}

// ceil is a/b rounded up, for any a that is not negative.
func ceil(a, b int) int {
	n := a / b
	if a%b > 0 {
		n++
	}
	return n
}
