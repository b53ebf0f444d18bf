package io.trainyard.predict.request;

import io.trainyard.error.ServiceException;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.Shape;
import java.util.List;

/** The shape that a caller gives of a tensor, the same over HTTP and gRPC. */
public final class GivenShape {
  static final int MOST_AXES = 16;

  /** The axes that an error shows. */
  private static final int SHOWN = 20;

  private GivenShape() {}

  /**
   * Reads it.
   *
   * @param pointer names its place in an error
   */
  public static Shape of(List<Long> axes, String pointer) {
    boolean whole =
        !axes.isEmpty() && axes.stream().allMatch(axis -> axis >= 0 && axis <= Integer.MAX_VALUE);
    if (!whole) {
      throw ServiceException.invalid(
          pointer,
          "A list of whole numbers was expected, got "
              + JsonObject.shorten(axes.stream().limit(SHOWN).toList().toString()));
    }
    if (axes.size() > MOST_AXES) {
      throw ServiceException.invalid(
          pointer, "At most %d axes were expected, got %d".formatted(MOST_AXES, axes.size()));
    }
    try {
      return new Shape(axes.stream().map(Long::intValue).toList());
    } catch (IllegalArgumentException e) {
      throw ServiceException.invalid(pointer, "The shape has too many elements");
    }
  }
}
