package io.trainyard.trace;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of a piece of work in a trace.
 *
 * <p>Source: W3C Trace Context, https://www.w3.org/TR/trace-context/.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param sampled whether its spans are kept
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
  /** A later version may have more after the flags. */
  private static final Pattern HEADER =
      Pattern.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?");

  private static final ThreadLocal<TraceContext> CURRENT = new ThreadLocal<>();

  /** The context that a header names; null when it is absent or malformed. */
  public static @Nullable TraceContext parse(@Nullable String header) {
    if (header == null) {
      return null;
    }
    Matcher parts = HEADER.matcher(header);
    if (!parts.matches()
        || isZero(parts.group(1))
        || isZero(parts.group(2))
        || (header.startsWith("00") && parts.group(4) != null)) {
      return null;
    }
    boolean sampled = (Integer.parseInt(parts.group(3), 16) & 1) == 1;
    return new TraceContext(parts.group(1), parts.group(2), sampled);
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(digit -> digit == '0');
  }

  /** A new trace. */
  public static TraceContext root(boolean sampled) {
    return new TraceContext(digits() + digits(), digits(), sampled);
  }

  /** Another piece of work in the same trace. */
  public TraceContext child() {
    return new TraceContext(traceId, digits(), sampled);
  }

  /** 16 digits, not all zero. */
  private static String digits() {
    long bits = ThreadLocalRandom.current().nextLong();
    return HexFormat.of().toHexDigits(bits == 0 ? 1 : bits);
  }

  /** The header {@code traceparent}. */
  public String header() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }

  /** The context of what this thread does now; null outside of a request. */
  public static @Nullable TraceContext current() {
    return CURRENT.get();
  }

  /** Sets the context of this thread; null removes it. */
  public static void ofThisThread(@Nullable TraceContext context) {
    if (context == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(context);
    }
  }
}
