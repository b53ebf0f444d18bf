package io.trainyard.trace;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The id by which a caller and the log mean the same request. */
public final class RequestId {
  /** The name of the header. */
  public static final String HEADER = "X-Request-ID";

  private static final String REQUEST = "request_id";
  private static final String TRACE = "trace_id";

  /** No blanks and quotes: an id goes into logs as it is. */
  private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  private RequestId() {}

  /** The caller's id if it is sane, else a new one. */
  public static String of(@Nullable String given) {
    return given != null && SANE.matcher(given).matches() ? given : made();
  }

  private static String made() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  /** The id of the request that this thread answers; null outside of one. */
  public static @Nullable String current() {
    return MDC.get(REQUEST);
  }

  /** Adds both ids to each log line of this thread. */
  public static void log(String id, TraceContext context) {
    MDC.put(REQUEST, id);
    MDC.put(TRACE, context.traceId());
  }

  /** Removes them. */
  public static void forget() {
    MDC.remove(REQUEST);
    MDC.remove(TRACE);
  }
}
