# SPDX-License-Identifier: BSD-3-Clause
"""AFNO in plain PyTorch, as its published description has it (FourCastNet's choices): the peer of the
bench and a source of reference values. Image (batch, channels, rows, columns) in and out."""

import torch
from torch import nn
from torch.nn import functional


class Filter(nn.Module):
    """Mixes channels per kept Fourier mode by two complex layers, block by block."""

    def __init__(self, embed, blocks, fraction=1.0, shrink=0.01):
        super().__init__()
        self.blocks, self.fraction, self.shrink = blocks, fraction, shrink
        width = embed // blocks
        self.w1 = nn.Parameter(0.02 * torch.randn(2, blocks, width, width))
        self.b1 = nn.Parameter(0.02 * torch.randn(2, blocks, width))
        self.w2 = nn.Parameter(0.02 * torch.randn(2, blocks, width, width))
        self.b2 = nn.Parameter(0.02 * torch.randn(2, blocks, width))

    def forward(self, x):
        batch, rows, columns, embed = x.shape
        total = rows // 2 + 1
        kept = int(total * self.fraction)
        spectrum = torch.fft.rfft2(x.float(), dim=(1, 2), norm="ortho")
        spectrum = spectrum.reshape(batch, rows, columns // 2 + 1, self.blocks, -1)
        window = (slice(None), slice(max(0, total - kept), min(rows, total + kept)), slice(0, kept))
        modes = spectrum[window]
        mixed = self._layer(modes.real, modes.imag, self.w1, self.b1, functional.relu)
        real, imaginary = self._layer(*mixed, self.w2, self.b2,
                                      lambda v: functional.softshrink(v, self.shrink))
        filtered = torch.zeros_like(spectrum)
        filtered[window] = torch.complex(real.float(), imaginary.float())
        filtered = filtered.reshape(batch, rows, columns // 2 + 1, embed)
        return torch.fft.irfft2(filtered, s=(rows, columns), dim=(1, 2), norm="ortho") + x

    @staticmethod
    def _layer(real, imaginary, weight, bias, activation):
        def product(values, part):
            return torch.einsum("...bi,bio->...bo", values, weight[part])
        return (activation(product(real, 0) - product(imaginary, 1) + bias[0]),
                activation(product(imaginary, 0) + product(real, 1) + bias[1]))


class Block(nn.Module):
    def __init__(self, embed, blocks, ratio, fraction):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(embed, eps=1e-6), nn.LayerNorm(embed, eps=1e-6)
        self.filter = Filter(embed, blocks, fraction)
        self.fc1, self.fc2 = nn.Linear(embed, ratio * embed), nn.Linear(ratio * embed, embed)

    def forward(self, x):
        x = x + self.filter(self.norm1(x))
        return x + self.fc2(functional.gelu(self.fc1(self.norm2(x))))


class Afno(nn.Module):
    def __init__(self, rows, columns, channels_in, channels_out, patch=8, embed=768, depth=12,
                 blocks=8, ratio=4, fraction=1.0):
        super().__init__()
        self.patch, self.channels_out = patch, channels_out
        self.embed = nn.Conv2d(channels_in, embed, patch, patch)
        self.position = nn.Parameter(torch.zeros(1, rows // patch, columns // patch, embed))
        self.stack = nn.ModuleList(Block(embed, blocks, ratio, fraction) for _ in range(depth))
        self.head = nn.Linear(embed, channels_out * patch * patch, bias=False)
        nn.init.trunc_normal_(self.position, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x):
        batch, p = x.shape[0], self.patch
        x = self.embed(x).permute(0, 2, 3, 1) + self.position
        for block in self.stack:
            x = block(x)
        x = self.head(x)
        rows, columns = x.shape[1:3]
        x = x.reshape(batch, rows, columns, p, p, self.channels_out)
        return x.permute(0, 5, 1, 3, 2, 4).reshape(batch, -1, rows * p, columns * p)


def relative_error(output, target):
    """Mean over the batch of ||output - target|| / ||target||."""
    flat = (output - target).flatten(1), target.flatten(1)
    return (flat[0].norm(dim=1) / flat[1].norm(dim=1)).mean()
