package kernel

import "math"

// SoftMax sets p to the softmax of n rows of m logits: values in [0, 1] with a sum of 1, of logits of any size.
//
//	logits, p (N, M)
func SoftMax(n, m int, logits, p []float32) {
	need("softmax", "logits", len(logits), n*m)
	need("softmax", "p", len(p), n*m)
	for i := range n {
		softmax(logits[i*m:][:m], p[i*m:][:m])
	}
}

// softmax sets p and returns the greatest logit and log Σ exp(logit - greatest), which can't overflow.
func softmax(logits, p []float32) (greatest float32, logSum float64) {
	greatest = logits[0]
	for _, v := range logits {
		greatest = max(greatest, v)
	}
	sum := 0.0
	for i, v := range logits {
		e := math.Exp(float64(v) - float64(greatest)) // 8 ns, for a few classes
		p[i] = float32(e)
		sum += e
	}
	scale := float32(1 / sum)
	for i := range p {
		p[i] *= scale
	}
	return greatest, math.Log(sum)
}

// SoftMaxGrad sets dx to the gradient of rows of m logits, given their softmax y and the gradient dy of that. dy and dx
// have at least the length of y.
func SoftMaxGrad(m int, y, dy, dx []float32) {
	need("softmax", "dy", len(dy), len(y))
	need("softmax", "dx", len(dx), len(y))
	for i := 0; i < len(y); i += m {
		y, dy, dx := y[i:i+m], dy[i:i+m], dx[i:i+m]
		var dot float32
		for j, p := range y {
			dot += float32(p * dy[j])
		}
		for j, p := range y {
			dx[j] = p * (dy[j] - dot)
		}
	}
}

// CrossEntropy returns the loss -Σ target·log p of n rows of m logits, summed over the rows, and the number of rows whose
// greatest p is where the target is greatest; of equal values the first counts. It sets p to the softmax, and dlogits,
// unless nil, to the gradient of the loss: p·Σ target - target. A row with a target of zeros is padding: it has no
// loss, no gradient and is not counted.
//
//	logits, target, p, dlogits (N, M)
func CrossEntropy(n, m int, logits, target, p, dlogits []float32) (loss float64, correct int) {
	size := n * m
	need("cross-entropy", "logits", len(logits), size)
	need("cross-entropy", "target", len(target), size)
	need("cross-entropy", "p", len(p), size)
	if dlogits != nil {
		need("cross-entropy", "dlogits", len(dlogits), size)
	}
	for i := range n {
		x, t, p := logits[i*m:][:m], target[i*m:][:m], p[i*m:][:m]
		greatest, logSum := softmax(x, p)
		var weight float32
		for j, v := range t {
			weight += v
			if v != 0 {
				loss += float64(float64(v) * (logSum - (float64(x[j]) - float64(greatest))))
			}
		}
		if weight != 0 && Argmax(p) == Argmax(t) {
			correct++
		}
		if dlogits != nil {
			d := dlogits[i*m:][:m]
			for j := range d {
				if d[j] = 0; weight != 0 {
					d[j] = float32(p[j]*weight) - t[j]
				}
			}
		}
	}
	return loss, correct
}

// Argmax returns the index of the first greatest value of v.
func Argmax(v []float32) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}
