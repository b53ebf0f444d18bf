package io.trainyard.api.edge;

import io.trainyard.api.RequestFilter;
import io.trainyard.api.ServletBody;
import io.trainyard.api.multipart.MultipartBody;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Unpacks bodies with the {@code Content-Encoding} gzip as they are read. Their length is unknown
 * then, so every reader counts what it reads, and its limit holds for the unpacked body.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 6)
final class GzipFilter implements RequestFilter {
  private static final Set<String> NAMES = Set.of("gzip", "x-gzip");

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    boolean packed =
        encoding != null
            && NAMES.contains(encoding.strip().toLowerCase(Locale.ROOT))
            && !MultipartBody.isSentBy(request);
    chain.doFilter(packed ? new Unpacked(request) : request, response);
  }

  /** The request as its caller would send it without gzip and in chunks. */
  private static final class Unpacked extends RequestWithoutHeaders {
    private static final Set<String> HIDDEN = Set.of("content-encoding", "content-length");

    private @Nullable ServletInputStream body;

    Unpacked(HttpServletRequest request) {
      super(request, HIDDEN);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (body == null) {
        body = new ServletBody(new UnpackedBody(super.getInputStream()));
      }
      return body;
    }

    @Override
    public int getContentLength() {
      return -1;
    }

    @Override
    public long getContentLengthLong() {
      return -1;
    }
  }

  /** Tells what is wrong with a body. */
  private static final class UnpackedBody extends InputStream {
    private final InputStream unpacked;

    UnpackedBody(InputStream packed) {
      this.unpacked = new GzipMembers(packed);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      try {
        return unpacked.read(bytes, from, count);
      } catch (ZipException e) {
        throw broken("is not gzip, which its Content-Encoding says: " + e.getMessage(), e);
      } catch (EOFException e) {
        throw broken("ends within its gzip encoding", e);
      }
    }

    private static ServiceException broken(String how, IOException cause) {
      return new ServiceException(ErrorCode.MALFORMED_BODY, "The body " + how, cause);
    }
  }
}
