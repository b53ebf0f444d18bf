package io.trainyard.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose connections carry the requests of many callers. They are exempt from bounds by
 * address, and their word is taken for the address of a caller.
 */
public final class Proxies {
  /** The bits of an IPv6 address that a network gives its subscriber; the rest is the caller's. */
  private static final int SUBSCRIBER_BYTES = 8;

  private static final Pattern WITH_PORT =
      Pattern.compile("\\[([^]]*)](?::\\d{1,5})?|([\\d.]+):\\d{1,5}");

  private final List<AddressRange> ranges;

  public Proxies(ProxyProperties properties) {
    this.ranges =
        properties.proxies().stream().map(text -> AddressRange.parse(text).orElseThrow()).toList();
  }

  /** Whether an address is one of a proxy. */
  public boolean has(InetAddress address) {
    return ranges.stream().anyMatch(range -> range.has(address));
  }

  /**
   * The address of a caller. Each proxy adds the address from which it got the request, so the last
   * one that is no proxy's is the caller's; what stands before it is only the caller's claim.
   *
   * @param peer the other end of the connection
   * @param forwarded the header {@code X-Forwarded-For}; null without one
   */
  public String caller(String peer, @Nullable String forwarded) {
    if (ranges.isEmpty() || forwarded == null || !isProxy(peer)) {
      return peer;
    }
    String caller = peer;
    for (String each : Arrays.asList(forwarded.split(",")).reversed()) {
      String address = withoutPort(each.strip());
      if (literal(address) == null) {
        return caller;
      }
      caller = address;
      if (!isProxy(address)) {
        return caller;
      }
    }
    return caller;
  }

  /** Some proxies add the port, as in 203.0.113.9:4711 and [2001:db8::1]:4711. */
  private static String withoutPort(String text) {
    Matcher matcher = WITH_PORT.matcher(text);
    return matcher.matches()
        ? Objects.requireNonNullElse(matcher.group(1), matcher.group(2))
        : text;
  }

  /** As {@link #has}, of an address as text. */
  boolean isProxy(String address) {
    InetAddress known = literal(address);
    return known != null && has(known);
  }

  private static @Nullable InetAddress literal(String address) {
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * What counts as one address: all of IPv4, and the network of a subscriber of IPv6, which has
   * more addresses than there are places.
   */
  static String counted(String address) {
    InetAddress known = literal(address);
    return known == null ? address : counted(known);
  }

  /** As {@link #counted(String)}, of an address that was read. */
  public static String counted(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    byte[] bytes = address.getAddress();
    return HexFormat.of().formatHex(bytes, 0, SUBSCRIBER_BYTES);
  }
}
