// Package ink holds what all pictures of this module have in common, whoever
// draws them: colours, and how text is escaped, measured and written.
package ink
