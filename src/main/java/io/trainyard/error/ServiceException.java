package io.trainyard.error;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error with a code and a detail for the caller. It is thrown where the fact is known and
 * translated once, by the API.
 */
public final class ServiceException extends RuntimeException {
  /** When a retry can succeed that needs another change first. */
  public static final Duration NEVER = ChronoUnit.FOREVER.getDuration();

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient List<Violation> violations;
  private final @Nullable Duration retryAfter;

  public ServiceException(ErrorCode code, String detail) {
    this(code, detail, List.of());
  }

  public ServiceException(ErrorCode code, String detail, List<Violation> violations) {
    super(detail);
    this.code = code;
    this.violations = List.copyOf(violations);
    this.retryAfter = null;
  }

  public ServiceException(ErrorCode code, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.code = code;
    this.violations = List.of();
    this.retryAfter = null;
  }

  /**
   * A refusal that ends by itself after a time.
   *
   * @param retryAfter until then; {@link #NEVER} for one that only another change ends
   */
  public ServiceException(ErrorCode code, String detail, Duration retryAfter) {
    super(detail);
    this.code = code;
    this.violations = List.of();
    this.retryAfter = retryAfter;
  }

  /** A fault of a parameter: in the query, the path or a header. */
  public static ServiceException parameter(String detail) {
    return new ServiceException(ErrorCode.INVALID_PARAMETER, detail);
  }

  /** A fault at one place of the body. */
  public static ServiceException invalid(String pointer, String detail) {
    return new ServiceException(
        ErrorCode.INVALID_BODY, detail, List.of(new Violation(pointer, detail)));
  }

  /** A fault of a file of rows as a whole. */
  public static ServiceException invalidRows(String detail) {
    return new ServiceException(ErrorCode.INVALID_ROWS, detail, List.of(new Violation("", detail)));
  }

  public ErrorCode code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<Violation> violations() {
    return violations;
  }

  /** When a retry can succeed: {@link #NEVER} by itself; null where nobody knows. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
