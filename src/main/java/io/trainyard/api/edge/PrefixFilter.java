package io.trainyard.api.edge;

import io.trainyard.api.PathPrefix;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.ScopedRequest;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Puts the prefix that a proxy took off a path before the paths in the answer. It changes only the
 * answer to the caller that sends the header, so anyone may send it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
record PrefixFilter(ProblemWriter problems) implements RequestFilter {
  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String header = request.getHeader(PathPrefix.HEADER);
    if (header == null) {
      chain.doFilter(request, response);
      return;
    }
    String prefix;
    try {
      prefix = PathPrefix.read(header);
    } catch (IllegalArgumentException e) {
      problems.refuse(
          ErrorCode.MALFORMED_REQUEST, String.valueOf(e.getMessage()), request, response);
      return;
    }
    response.addHeader(HttpHeaders.VARY, PathPrefix.HEADER);
    ScopedRequest.run(
        rest -> ScopedValue.where(PathPrefix.CURRENT, prefix).call(rest),
        () -> chain.doFilter(request, new Prefixed(response)));
  }

  /** Headers that hold paths. */
  private static final class Prefixed extends HttpServletResponseWrapper {
    /** As the service said it. */
    private @Nullable String location;

    Prefixed(HttpServletResponse response) {
      super(response);
    }

    private static @Nullable String prefixed(String name, @Nullable String text) {
      if (text != null && name.equalsIgnoreCase(HttpHeaders.LOCATION)) {
        return PathPrefix.of(text);
      }
      if (text != null && name.equalsIgnoreCase(HttpHeaders.LINK) && text.startsWith("<")) {
        return "<" + PathPrefix.of(text.substring(1));
      }
      return text;
    }

    @Override
    public void setHeader(String name, @Nullable String text) {
      keep(name, text);
      super.setHeader(name, prefixed(name, text));
    }

    @Override
    public void addHeader(String name, @Nullable String text) {
      keep(name, text);
      super.addHeader(name, prefixed(name, text));
    }

    private void keep(String name, @Nullable String text) {
      if (name.equalsIgnoreCase(HttpHeaders.LOCATION)) {
        location = text;
      }
    }

    /** Without the prefix: the audit log and stored answers are for other callers too. */
    @Override
    public @Nullable String getHeader(String name) {
      String text = super.getHeader(name);
      return text != null && name.equalsIgnoreCase(HttpHeaders.LOCATION) ? location : text;
    }
  }
}
