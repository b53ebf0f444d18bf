package io.trainyard.dataset.prepare;

/**
 * Whether a hyperplane separates two classes: exactly, by a linear program. The classes cannot be
 * separated when a mean of rows of one is a mean of rows of the other: λ ≥ 0 with Σ λ = 1 and Σ
 * λ_i·y_i·(x_i, 1) = 0, y = ±1. The first phase of the simplex method finds such λ, or that there
 * is none. Source: Bland's rule, New Finite Pivoting Rules for the Simplex Method (1977).
 */
final class Separability {
  private static final double TOLERANCE = 1e-9;

  /** Far above what tables of this size need; an undecided one counts as separable. */
  private static final int MAX_PIVOTS = 5_000;

  private Separability() {}

  /**
   * Whether no hyperplane separates the rows.
   *
   * @param features [rows][features], of about the same size
   */
  static boolean isImpossible(double[][] features, boolean[] positive) {
    int rows = features.length;
    int equations = features[0].length + 2;
    // Columns: λ of each row, an artificial variable of each equation, the right side.
    double[][] table = new double[equations + 1][rows + equations + 1];
    int right = rows + equations;
    int[] basis = new int[equations];
    for (int row = 0; row < rows; row++) {
      double sign = positive[row] ? 1 : -1;
      for (int i = 0; i < equations - 2; i++) {
        table[i][row] = sign * features[row][i];
      }
      table[equations - 2][row] = sign;
      table[equations - 1][row] = 1;
    }
    table[equations - 1][right] = 1;
    for (int i = 0; i < equations; i++) {
      table[i][rows + i] = 1;
      basis[i] = rows + i;
      for (int column = 0; column < rows; column++) {
        table[equations][column] -= table[i][column];
      }
    }
    table[equations][right] = -1;
    for (int pivots = 0; pivots < MAX_PIVOTS; pivots++) {
      int entering = entering(table[equations], rows);
      if (entering < 0) {
        return -table[equations][right] < TOLERANCE;
      }
      int leaving = leaving(table, basis, entering, right);
      if (leaving < 0) {
        return false;
      }
      pivot(table, leaving, entering);
      basis[leaving] = entering;
    }
    return false;
  }

  /** The first that lowers the objective, so that no basis returns. */
  private static int entering(double[] costs, int rows) {
    for (int column = 0; column < rows; column++) {
      if (costs[column] < -TOLERANCE) {
        return column;
      }
    }
    return -1;
  }

  private static int leaving(double[][] table, int[] basis, int entering, int right) {
    int leaving = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < basis.length; i++) {
      if (table[i][entering] > TOLERANCE) {
        double ratio = table[i][right] / table[i][entering];
        boolean isLess = ratio < least - 1e-12;
        if (isLess || (leaving >= 0 && ratio <= least + 1e-12 && basis[i] < basis[leaving])) {
          leaving = i;
          least = Math.min(least, ratio);
        }
      }
    }
    return leaving;
  }

  private static void pivot(double[][] table, int at, int column) {
    double[] own = table[at];
    double by = own[column];
    for (int i = 0; i < own.length; i++) {
      own[i] /= by;
    }
    for (int i = 0; i < table.length; i++) {
      double factor = table[i][column];
      if (i != at && factor != 0) {
        for (int j = 0; j < own.length; j++) {
          table[i][j] -= factor * own[j];
        }
      }
    }
  }
}
