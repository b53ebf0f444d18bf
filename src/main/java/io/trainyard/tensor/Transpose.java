package io.trainyard.tensor;

/**
 * The transpose of row-major matrices [rows, columns]. It moves the channels of a tensor from one
 * end of its axes to the other: channels are one axis of the matrix, all positions the other.
 */
public record Transpose(int rows, int columns) {
  /** Where an element is afterwards. */
  public int place(int element) {
    return element % columns * rows + element / columns;
  }

  /** Transposes some matrices in place. */
  public void apply(float[] elements, int count) {
    int width = rows * columns;
    float[] matrix = new float[width];
    for (int from = 0; from < count * width; from += width) {
      System.arraycopy(elements, from, matrix, 0, width);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          elements[from + j * rows + i] = matrix[i * columns + j];
        }
      }
    }
  }

  /** Transposes some matrices of whole numbers in place. */
  public void apply(long[] elements, int count) {
    int width = rows * columns;
    long[] matrix = new long[width];
    for (int from = 0; from < count * width; from += width) {
      System.arraycopy(elements, from, matrix, 0, width);
      for (int i = 0; i < width; i++) {
        elements[from + place(i)] = matrix[i];
      }
    }
  }
}
