"""Bits of a coded stream, read from the highest down."""

from vision.header import Unreadable

MOST_GOLOMB_ZEROS = 31


class Bits:
    """A place in a stream that moves on as it is read.

    Args:
        data: The stream, its emulation prevention bytes taken out.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        """The next bits as a number.

        Args:
            count: How many.

        Returns:
            0 to 2 ** count - 1.

        Raises:
            Unreadable: When fewer are left.
        """
        if count > self._left:
            raise Unreadable("the HEIC is broken")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def read_golomb(self) -> int:
        """The next exponential Golomb code. Source: ITU-T H.265 section 9.2.

        Returns:
            0 to 2 ** 32 - 2.

        Raises:
            Unreadable: When it is longer than a code may be, or the stream ends within it.
        """
        zeros = 0
        while not self.read(1):
            zeros += 1
        if zeros > MOST_GOLOMB_ZEROS:
            raise Unreadable("the HEIC is broken")
        return (1 << zeros) - 1 + self.read(zeros)
