package io.trainyard.api.edge;

import io.trainyard.api.Probes;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.error.ErrorCode;
import io.trainyard.predict.Practice;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Refuses requests under a foreign host name. A web page can make its own name point at this
 * machine (DNS rebinding), and a browser then counts this service as a part of that page's site.
 * The host in such a request is still the page's name.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class HostFilter implements RequestFilter {
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  /** Empty: every host is allowed. */
  private final List<String> allowed;

  private final ProblemWriter problems;

  HostFilter(EdgeProperties properties, ServerProperties server, ProblemWriter problems) {
    this.allowed = allowed(properties.hosts(), server.getAddress());
    this.problems = problems;
  }

  private static List<String> allowed(List<String> configured, @Nullable InetAddress bound) {
    if (!configured.isEmpty()) {
      return configured.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }
    return bound != null && bound.isLoopbackAddress() ? LOOPBACK : List.of();
  }

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (allowed.isEmpty()
        || allows(request.getHeader("Host"))
        || isProbe(request)
        || Practice.isOn()) {
      chain.doFilter(request, response);
      return;
    }
    problems.refuse(
        ErrorCode.WRONG_HOST,
        "This service is not known under the host of this request; it answers under "
            + String.join(", ", allowed)
            + ". Add other names to trainyard.http.hosts",
        request,
        response);
  }

  /** Probes of a platform use the address of the machine as host. */
  private static boolean isProbe(HttpServletRequest request) {
    return Probes.isProbe(request.getRequestURI());
  }

  /** A name without a port allows all ports. HTTP/1.0 needs no host; browsers always send one. */
  private boolean allows(@Nullable String header) {
    if (header == null) {
      return true;
    }
    String host = header.strip().toLowerCase(Locale.ROOT);
    return allowed.contains(host) || allowed.contains(Authority.withoutPort(host));
  }
}
