package io.trainyard.inspect.plot;

import java.util.ArrayList;
import java.util.List;

/** Where numbers on a grid change their sign. Source: marching squares, by triangles. */
final class Contours {
  private final double[] x;
  private final double[] y;
  private final double[][] values;
  private final List<double[]> segments = new ArrayList<>();

  private Contours(double[] x, double[] y, double[][] values) {
    this.x = x;
    this.y = y;
    this.values = values;
  }

  /**
   * The pieces of the line.
   *
   * @param values by y, then by x
   */
  static List<double[]> of(double[] x, double[] y, double[][] values) {
    Contours contours = new Contours(x, y, values);
    for (int row = 0; row + 1 < y.length; row++) {
      for (int column = 0; column + 1 < x.length; column++) {
        contours.triangle(row, column, row, column + 1, row + 1, column);
        contours.triangle(row + 1, column + 1, row, column + 1, row + 1, column);
      }
    }
    return contours.segments;
  }

  /** A line crosses two sides of a triangle, or none. */
  private void triangle(int... corners) {
    double[] ends = new double[6];
    int count = 0;
    for (int i = 0; i < 3; i++) {
      int row = corners[2 * i];
      int column = corners[2 * i + 1];
      int nextRow = corners[(2 * i + 2) % 6];
      int nextColumn = corners[(2 * i + 3) % 6];
      double a = values[row][column];
      double b = values[nextRow][nextColumn];
      if ((a >= 0) != (b >= 0) && Double.isFinite(a - b)) {
        double part = a / (a - b);
        ends[count++] = x[column] + part * (x[nextColumn] - x[column]);
        ends[count++] = y[row] + part * (y[nextRow] - y[row]);
      }
    }
    if (count == 4) {
      segments.add(new double[] {ends[0], ends[1], ends[2], ends[3]});
    }
  }
}
