package io.trainyard.api.edge;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request without some of its headers. */
class RequestWithoutHeaders extends HttpServletRequestWrapper {
  private final Set<String> hidden;

  /**
   * @param hidden their names in lower case
   */
  RequestWithoutHeaders(HttpServletRequest request, Set<String> hidden) {
    super(request);
    this.hidden = hidden;
  }

  private boolean isHidden(String name) {
    return hidden.contains(name.toLowerCase(Locale.ROOT));
  }

  @Override
  public @Nullable String getHeader(String name) {
    return isHidden(name) ? null : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    List<String> names = Collections.list(super.getHeaderNames());
    names.removeIf(this::isHidden);
    return Collections.enumeration(names);
  }
}
