package io.trainyard.api.edge;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/**
 * Ends connections whose sender is too slow, and slows down large bodies while small requests need
 * the cores. A valve, because every read of a body passes here: those of handlers, of multipart
 * bodies, and of what is left of a body after its answer.
 */
final class BodyRateValve extends ValveBase {
  private final EdgeProperties properties;
  private final BodyPace pace = new BodyPace();

  BodyRateValve(EdgeProperties properties) {
    super(true);
    this.properties = properties;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    org.apache.coyote.Request wire = request.getCoyoteRequest();
    InputBuffer connection = wire.getInputBuffer();
    RateCheckedBody body = new RateCheckedBody(connection, properties, System::nanoTime, pace);
    wire.setInputBuffer(body);
    try {
      getNext().invoke(request, response);
      if (!request.isAsync() && !wire.hasExpectation()) {
        response.finishResponse();
        drain(wire, body);
      }
    } finally {
      body.end();
      wire.setInputBuffer(connection);
      if (body.isTooSlow()) {
        wire.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
      }
    }
  }

  /** Reads the rest of a refused body, so that its sender gets the reason. */
  private static void drain(org.apache.coyote.Request wire, RateCheckedBody body) {
    Discard discard = new Discard();
    try {
      while (!body.isOver(wire.getContentLengthLong()) && wire.doRead(discard) >= 0) {
        discard.setByteBuffer(ByteBuffer.allocate(0));
      }
    } catch (IOException | RuntimeException e) {
      // The connection ends, as after any broken body.
      wire.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    }
  }

  private static final class Discard implements ApplicationBufferHandler {
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      bytes = buffer;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return bytes;
    }

    @Override
    public void expand(int size) {}
  }
}
