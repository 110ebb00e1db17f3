package training

// Details are what a report on single networks needs beyond how well they did. Not
// every command asks for them: with a mistake for each hundredth image they are ten
// times as much as all else.
type Details struct {
	Mistakes []Mistake `json:"mistakes"` // every test image that the network got wrong, by Image
	Filters  Filters   `json:"filters"`  // of the first convolution
}

// Mistake is a test image that a network got wrong.
type Mistake struct {
	Image  int     `json:"image"`  // index in the test images, from 0
	Truth  int     `json:"truth"`  // its class
	Guess  int     `json:"guess"`  // the class that the network found most probable
	PGuess float64 `json:"pGuess"` // the probability of Guess
	PTruth float64 `json:"pTruth"` // the probability of Truth
}

// Filters are the kernels of a convolution on an image.
type Filters struct {
	Side    int         `json:"side"`             // pixels
	Kernels [][]float32 `json:"kernels"`          // one a filter, channel by channel and row by row: C·Side·Side weights
	Biases  []float32   `json:"biases,omitempty"` // one a filter; none in files from before they were kept
}
