package io.trainyard.api.edge;

/** The host and port of a URL, as text. */
final class Authority {
  private Authority() {}

  /** The host; an IPv6 address stays in brackets. */
  static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon < 0 || authority.indexOf(']', colon) >= 0
        ? authority
        : authority.substring(0, colon);
  }

  /** The host and port of an origin, without the default port of its scheme. */
  static String ofOrigin(String origin) {
    int scheme = origin.indexOf("://");
    if (scheme < 0) {
      return "";
    }
    String authority = origin.substring(scheme + 3);
    String port = origin.startsWith("https") ? ":443" : ":80";
    return authority.endsWith(port)
        ? authority.substring(0, authority.length() - port.length())
        : authority;
  }
}
