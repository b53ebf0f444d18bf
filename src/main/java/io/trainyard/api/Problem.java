package io.trainyard.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.trace.RequestId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as callers see it: RFC 9457, with our code and the places of the faults.
 *
 * @param retryAfter when a retry can succeed, for a header; null without one
 * @param help the path of the page about the code; the type stays a name and leads nowhere
 */
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    String code,
    String help,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String requestId,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Violation> errors,
    @JsonIgnore @Nullable Duration retryAfter) {
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final Duration BUSY_WAIT = Duration.ofSeconds(1);

  /** A quota of jobs gets free when the caller's jobs end. */
  private static final Duration QUOTA_WAIT = Duration.ofMinutes(1);

  /** The folder of the pages about codes. */
  public static final String HELP = "/docs/errors/";

  public static Problem of(ErrorCode code, String detail, String instance, List<Violation> errors) {
    return of(code, detail, instance, errors, usualWait(code));
  }

  public static Problem of(ServiceException refusal, String instance) {
    Duration known = refusal.retryAfter();
    Duration wait = known == null ? usualWait(refusal.code()) : known;
    return of(
        refusal.code(),
        refusal.detail(),
        instance,
        refusal.violations(),
        ServiceException.NEVER.equals(wait) ? null : wait);
  }

  /** How long to wait where nobody knows it. */
  private static @Nullable Duration usualWait(ErrorCode code) {
    return switch (code.family()) {
      case BUSY -> BUSY_WAIT;
      case LIMITED -> QUOTA_WAIT;
      default -> null;
    };
  }

  private static Problem of(
      ErrorCode code,
      String detail,
      String instance,
      List<Violation> errors,
      @Nullable Duration retryAfter) {
    return new Problem(
        "urn:trainyard:problem:" + code.code(),
        code.title(),
        status(code),
        detail,
        instance,
        code.code(),
        PathPrefix.of(HELP + code.code()),
        RequestId.current(),
        errors,
        retryAfter);
  }

  /** The header {@code Link} of an answer, which leads to the page about a code. */
  public static String link(String code) {
    return "<" + HELP + code + ">; rel=\"help\"";
  }

  public static int status(ErrorCode code) {
    return switch (code.family()) {
      case UNREADABLE -> 400;
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case LIMITED -> 429;
      case PROTOCOL -> protocolStatus(code);
      case CONFLICT -> 409;
      case PRECONDITION -> 412;
      case TOO_LARGE -> 413;
      case INVALID -> 422;
      case INTERNAL -> 500;
      case BUSY -> 503;
    };
  }

  /** Each has its own HTTP status. */
  private static int protocolStatus(ErrorCode code) {
    return switch (code) {
      case METHOD_NOT_ALLOWED -> 405;
      case NOT_ACCEPTABLE -> 406;
      case UNSUPPORTED_MEDIA_TYPE -> 415;
      case CROSS_SITE -> 403;
      case WRONG_HOST -> 421;
      case SLOW_BODY -> 408;
      default -> throw new IllegalArgumentException(code + " has no status");
    };
  }

  /** The error code for a status that Spring or Tomcat set. */
  static ErrorCode code(int status) {
    return switch (status) {
      case 401 -> ErrorCode.UNAUTHENTICATED;
      case 403 -> ErrorCode.CROSS_SITE;
      case 404 -> ErrorCode.ROUTE_NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 406 -> ErrorCode.NOT_ACCEPTABLE;
      case 408 -> ErrorCode.SLOW_BODY;
      case 409 -> ErrorCode.CONFLICT;
      case 412 -> ErrorCode.PRECONDITION_FAILED;
      case 413 -> ErrorCode.BODY_TOO_LARGE;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      case 421 -> ErrorCode.WRONG_HOST;
      case 422 -> ErrorCode.INVALID_BODY;
      case 429 -> ErrorCode.RATE_LIMITED;
      case 503 -> ErrorCode.UNAVAILABLE;
      default -> status < 500 ? ErrorCode.MALFORMED_REQUEST : ErrorCode.INTERNAL;
    };
  }
}
